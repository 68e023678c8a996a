import { Injectable } from '@nestjs/common';
import { subjectOf } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { internal } from '@oneclaw/errors';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { systemActor } from '../audit/audit-trail.js';
import { AgentKeyPairsClient, type AgentKeyPairs } from '../crypto/agent-key-pairs.client.js';
import type { Envelope } from '../crypto/envelopes.client.js';
import { associatedDataOf } from '../secrets/associated-data.js';
import { SecretWritesRepository, type NewVersion } from '../secrets/secret-writes.repository.js';
import { versionEvent } from '../secrets/write-events.js';
import type { Vault, VaultKek } from '../vaults/vault.entity.js';
import { AgentKeysRepository, type AgentPublicKeys } from './agent-keys.repository.js';
import { SystemVaultsService } from './system-vaults.service.js';

/** Gives agents their key pairs: the private halves become secrets in the org's system vault. */
@Injectable()
export class AgentKeysService {
  constructor(
    private readonly database: DataSource,
    private readonly repository: AgentKeysRepository,
    private readonly systemVaults: SystemVaultsService,
    private readonly keyPairs: AgentKeyPairsClient,
    private readonly secrets: SecretWritesRepository,
  ) {}

  /** Repeatable, also in parallel: whichever call commits first has made the keys of the agent, for all of them. */
  async provision(orgId: string, agentId: string, call: OutgoingCall): Promise<AgentPublicKeys> {
    const existing = await this.repository.find(this.database, orgId, agentId);
    if (existing) return existing;
    const vault = await this.systemVaults.findOrCreate(orgId, call);
    const places = { ed25519: placeOf(vault, agentId, 'ssh'), p256: placeOf(vault, agentId, 'ecdh') };
    const associatedData = { ed25519: associatedDataOf(places.ed25519), p256: associatedDataOf(places.p256) };
    const pairs = await this.keyPairs.generate(vault, associatedData, call);
    const stored = await transaction(this.database, async (manager) => {
      if (!(await this.repository.insert(manager, orgId, agentId, pairs))) return false;
      await this.storePrivateHalves(manager, vault, agentId, pairs, call.requestId);
      return true;
    });
    return stored ? pairs : await this.winner(orgId, agentId);
  }

  private async storePrivateHalves(
    manager: EntityManager,
    vault: Vault & VaultKek,
    agentId: string,
    pairs: AgentKeyPairs,
    requestId: string,
  ): Promise<void> {
    const envelopes = new Map([
      [placeOf(vault, agentId, 'ssh').path, pairs.ed25519PrivateKey],
      [placeOf(vault, agentId, 'ecdh').path, pairs.p256PrivateKey],
    ]);
    const demands = [...envelopes.keys()].map((path) => ({ orgId: vault.orgId, vaultId: vault.id, path, amount: 1 }));
    const taken = await this.secrets.takeVersions(manager, demands);
    if (taken.some(({ lastVersion }) => lastVersion !== 1)) throw internal('an agent without keys has key secrets');
    const versions = taken.map(({ id, path }) => toVersion(id, agentId, vault.kekId, envelopes.get(path)!));
    await this.secrets.insertVersions(manager, versions);
    const by = { ...systemActor(vault.orgId), requestId };
    await commitEvents(
      manager,
      taken.map((each) => versionEvent('secret.write', by, { ...each, version: 1 })),
    );
  }

  private async winner(orgId: string, agentId: string): Promise<AgentPublicKeys> {
    const keys = await this.repository.find(this.database, orgId, agentId);
    if (!keys) throw internal('the keys of this agent belong to another org');
    return keys;
  }
}

function placeOf(vault: Vault, agentId: string, kind: 'ssh' | 'ecdh') {
  return { orgId: vault.orgId, vaultId: vault.id, path: `agents/${agentId}/${kind}/private_key`, version: 1 };
}

function toVersion(
  secretId: string,
  agentId: string,
  kekId: string,
  { wrappedDek, sealedValue }: Envelope,
): NewVersion {
  const fixed = { type: 'private_key' as const, metadataJson: '{}', rotationPolicyJson: null, expiresAt: null };
  const createdBy = subjectOf({ type: 'agent', id: agentId });
  return { ...fixed, secretId, version: 1, kekId, wrappedDek, sealedValue, maxAccessCount: null, createdBy };
}
