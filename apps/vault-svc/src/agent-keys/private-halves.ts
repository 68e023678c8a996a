import { Injectable } from '@nestjs/common';
import { subjectOf } from '@oneclaw/caller';
import { internal } from '@oneclaw/errors';
import type { EntityManager } from 'typeorm';
import { systemActor } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import type { AgentKeyPairs } from '../crypto/agent-key-pairs.client.js';
import type { Envelope } from '../crypto/envelopes.client.js';
import { associatedDataOf } from '../secrets/associated-data.js';
import { SecretWritesRepository, type NewVersion, type TakenVersions } from '../secrets/secret-writes.repository.js';
import { versionEvent } from '../secrets/write-events.js';
import type { Vault, VaultKek } from '../vaults/vault.entity.js';

/** Of both private halves: the Ed25519 one at `ssh`, the P-256 one at `ecdh`. */
export interface Halves<T> {
  ssh: T;
  ecdh: T;
}

/** The associated data of the places where both halves will be, for making them there. */
export function placesOf({ orgId, id: vaultId }: Vault, agentId: string, versions: Halves<number>) {
  const dataOf = (kind: keyof Halves<unknown>) =>
    associatedDataOf({ orgId, vaultId, path: pathOf(agentId, kind), version: versions[kind] });
  return { ed25519: dataOf('ssh'), p256: dataOf('ecdh') };
}

/** The private halves of agents' keys: ordinary secrets of the system vault, which only the system writes. */
@Injectable()
export class PrivateHalves {
  constructor(private readonly secrets: SecretWritesRepository) {}

  /** The next version of each, kept locked until the end of the transaction. */
  async takeVersions(manager: EntityManager, vault: Vault, agentId: string): Promise<Halves<TakenVersions>> {
    const at = { orgId: vault.orgId, vaultId: vault.id, amount: 1 };
    const paths = { ssh: pathOf(agentId, 'ssh'), ecdh: pathOf(agentId, 'ecdh') };
    const taken = await this.secrets.takeVersions(manager, [
      { ...at, path: paths.ssh },
      { ...at, path: paths.ecdh },
    ]);
    const ssh = taken.find(({ path }) => path === paths.ssh);
    const ecdh = taken.find(({ path }) => path === paths.ecdh);
    if (!ssh || !ecdh) throw internal('the private halves got no versions');
    return { ssh, ecdh };
  }

  /** Belongs into the transaction that makes the public halves known. */
  async store(
    manager: EntityManager,
    vault: Vault & VaultKek,
    agentId: string,
    versions: Halves<TakenVersions>,
    pairs: Pick<AgentKeyPairs, 'ed25519PrivateKey' | 'p256PrivateKey'>,
    requestId: string,
  ): Promise<void> {
    await this.secrets.insertVersions(manager, [
      toVersion(versions.ssh, agentId, vault.kekId, pairs.ed25519PrivateKey),
      toVersion(versions.ecdh, agentId, vault.kekId, pairs.p256PrivateKey),
    ]);
    const by = { ...systemActor(vault.orgId), requestId };
    const written = [versions.ssh, versions.ecdh];
    const events = written.map((each) => versionEvent('secret.write', by, { ...each, version: each.lastVersion }));
    await commitEvents(manager, events);
  }
}

function pathOf(agentId: string, kind: keyof Halves<unknown>): string {
  return `agents/${agentId}/${kind}/private_key`;
}

function toVersion(
  { id: secretId, lastVersion: version }: TakenVersions,
  agentId: string,
  kekId: string,
  { wrappedDek, sealedValue }: Envelope,
): NewVersion {
  const fixed = { type: 'private_key' as const, metadataJson: '{}', rotationPolicyJson: null, expiresAt: null };
  const createdBy = subjectOf({ type: 'agent', id: agentId });
  return { ...fixed, secretId, version, kekId, wrappedDek, sealedValue, maxAccessCount: null, createdBy };
}
