import { Injectable } from '@nestjs/common';
import { transaction } from '@oneclaw/database';
import { internal } from '@oneclaw/errors';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { AgentKeyPairsClient } from '../crypto/agent-key-pairs.client.js';
import { AgentKeysRepository, type AgentPublicKeys } from './agent-keys.repository.js';
import { associatedDataOfHalves, firstVersions, PrivateHalves } from './private-halves.js';
import { SystemVaultsService } from './system-vaults.service.js';

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
    const first = firstVersions(vault, agentId);
    const pairs = await this.keyPairs.generate(vault, associatedDataOfHalves(vault, agentId, first), call);
    const stored = await transaction(this.database, async (manager) => {
      if (!(await this.repository.insert(manager, orgId, agentId, pairs))) return false;
      await this.privateHalves.takeFirst(manager, vault, agentId, first);
      await this.privateHalves.store(manager, vault, agentId, first, pairs, call.requestId);
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
