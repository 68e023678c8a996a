import { Injectable } from '@nestjs/common';
import { transaction } from '@oneclaw/database';
import { internal } from '@oneclaw/errors';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { AgentKeyPairsClient } from '../crypto/agent-key-pairs.client.js';
import { AgentKeysRepository, type AgentPublicKeys } from './agent-keys.repository.js';
import { placesOf, PrivateHalves } from './private-halves.js';
import { SystemVaultsService } from './system-vaults.service.js';

const FIRST = { ssh: 1, ecdh: 1 };

/** Gives agents their key pairs: the private halves become secrets in the org's system vault. */
@Injectable()
export class AgentKeysService {
  constructor(
    private readonly database: DataSource,
    private readonly repository: AgentKeysRepository,
    private readonly systemVaults: SystemVaultsService,
    private readonly keyPairs: AgentKeyPairsClient,
    private readonly privateHalves: PrivateHalves,
  ) {}

  /** Repeatable, also in parallel: whichever call commits first has made the keys of the agent, for all of them. */
  async provision(orgId: string, agentId: string, call: OutgoingCall): Promise<AgentPublicKeys> {
    const existing = await this.repository.find(this.database, orgId, agentId);
    if (existing) return existing;
    const vault = await this.systemVaults.findOrCreate(orgId, call);
    const pairs = await this.keyPairs.generate(vault, placesOf(vault, agentId, FIRST), call);
    const stored = await transaction(this.database, async (manager) => {
      if (!(await this.repository.insert(manager, orgId, agentId, pairs))) return false;
      const versions = await this.privateHalves.takeVersions(manager, vault, agentId);
      if (versions.ssh.lastVersion !== FIRST.ssh || versions.ecdh.lastVersion !== FIRST.ecdh) {
        throw internal('an agent without keys has key secrets');
      }
      await this.privateHalves.store(manager, vault, agentId, versions, pairs, call.requestId);
      return true;
    });
    return stored ? pairs : await this.winner(orgId, agentId);
  }

  private async winner(orgId: string, agentId: string): Promise<AgentPublicKeys> {
    const keys = await this.repository.find(this.database, orgId, agentId);
    if (!keys) throw internal('the keys of this agent belong to another org');
    return keys;
  }
}
