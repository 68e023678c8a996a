import { Injectable } from '@nestjs/common';
import { transaction } from '@oneclaw/database';
import { notFound } from '@oneclaw/errors';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { AgentKeyPairsClient } from '../crypto/agent-key-pairs.client.js';
import type { Vault, VaultKek } from '../vaults/vault.entity.js';
import { AgentKeysRepository, type CurrentAgentKeys } from './agent-keys.repository.js';
import { associatedDataOfHalves, PrivateHalves } from './private-halves.js';
import { SystemVaultsService } from './system-vaults.service.js';

/** Replaces agents' key pairs. */
@Injectable()
export class AgentKeyRotationService {
  constructor(
    private readonly database: DataSource,
    private readonly repository: AgentKeysRepository,
    private readonly systemVaults: SystemVaultsService,
    private readonly keyPairs: AgentKeyPairsClient,
    private readonly privateHalves: PrivateHalves,
  ) {}

  /**
   * From `generation` to the next one, once: whoever asks again, or at the same time, gets the pairs that the first call made.
   * Public keys and private halves change in one transaction.
   */
  async rotate(orgId: string, agentId: string, generation: number, call: OutgoingCall): Promise<CurrentAgentKeys> {
    const vault = await this.systemVaults.findOrCreate(orgId, call);
    return await transaction(this.database, async (manager) => {
      const current = await this.repository.lock(manager, orgId, agentId);
      if (!current) throw notFound('Agent');
      return current.generation === generation ? await this.replace(manager, vault, agentId, current, call) : current;
    });
  }

  private async replace(
    manager: EntityManager,
    vault: Vault & VaultKek,
    agentId: string,
    { generation }: CurrentAgentKeys,
    call: OutgoingCall,
  ): Promise<CurrentAgentKeys> {
    const versions = await this.privateHalves.takeVersions(manager, vault, agentId);
    const pairs = await this.keyPairs.generate(vault, associatedDataOfHalves(vault, agentId, versions), call);
    await this.repository.replace(manager, vault.orgId, agentId, pairs);
    await this.privateHalves.store(manager, vault, agentId, versions, pairs, call.requestId);
    const { ed25519PublicKey, p256PublicKey } = pairs;
    return { ed25519PublicKey, p256PublicKey, generation: generation + 1 };
  }
}
