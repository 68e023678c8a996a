import { Injectable } from '@nestjs/common';
import { subjectOf } from '@oneclaw/caller';
import { internal } from '@oneclaw/errors';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { systemActor } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import type { AgentKeyPairs } from '../crypto/agent-key-pairs.client.js';
import { associatedDataOf } from '../secrets/associated-data.js';
import { SecretWritesRepository, type TakenVersions } from '../secrets/secret-writes.repository.js';
import { versionEvent } from '../secrets/write-events.js';
import type { Vault, VaultKek } from '../vaults/vault.entity.js';

/** Of both private halves: the Ed25519 one at `ssh`, the P-256 one at `ecdh`. */
export interface Halves<T> {
  ssh: T;
  ecdh: T;
}

const KINDS = ['ssh', 'ecdh'] as const;

/** The first versions of an agent's halves, before they are taken. */
export function firstVersions({ id: vaultId }: Vault, agentId: string): Halves<TakenVersions> {
  const takenAt = new Date();
  const first = (kind: keyof Halves<unknown>) => ({
    id: uuidv7(),
    vaultId,
    path: pathOf(agentId, kind),
    lastVersion: 1,
    takenAt,
  });
  return { ssh: first('ssh'), ecdh: first('ecdh') };
}

/** What both halves are bound to, for sealing them where they are made. */
export function associatedDataOfHalves({ orgId, id: vaultId }: Vault, agentId: string, taken: Halves<TakenVersions>) {
  const dataOf = (kind: keyof Halves<unknown>) =>
    associatedDataOf({ ...toVersion(taken[kind], agentId), orgId, vaultId, path: pathOf(agentId, kind) });
  return { ed25519: dataOf('ssh'), p256: dataOf('ecdh') };
}

/** The private halves of agents' keys: ordinary secrets of the system vault, which only the system writes. */
@Injectable()
export class PrivateHalves {
  constructor(private readonly secrets: SecretWritesRepository) {}

  /** The next version of each, kept locked until the end of the transaction. */
  async takeVersions(manager: EntityManager, vault: Vault, agentId: string): Promise<Halves<TakenVersions>> {
    return await this.take(manager, vault, agentId);
  }

  /** As `takeVersions`, exactly these. */
  async takeFirst(manager: EntityManager, vault: Vault, agentId: string, first: Halves<TakenVersions>): Promise<void> {
    const taken = await this.take(manager, vault, agentId, { ssh: first.ssh.id, ecdh: first.ecdh.id });
    const asWanted = KINDS.every((kind) => taken[kind].id === first[kind].id && taken[kind].lastVersion === 1);
    if (!asWanted) throw internal('an agent without keys has key secrets');
  }

  private async take(manager: EntityManager, vault: Vault, agentId: string, ids?: Halves<string>) {
    const demands = KINDS.map((kind) => {
      const path = pathOf(agentId, kind);
      return { orgId: vault.orgId, vaultId: vault.id, path, amount: 1, ...(ids ? { id: ids[kind] } : {}) };
    });
    const taken = await this.secrets.takeVersions(manager, demands);
    const [ssh, ecdh] = KINDS.map((kind) => taken.find(({ path }) => path === pathOf(agentId, kind)));
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
    const { kekId } = vault;
    await this.secrets.insertVersions(manager, [
      { ...toVersion(versions.ssh, agentId), kekId, ...pairs.ed25519PrivateKey },
      { ...toVersion(versions.ecdh, agentId), kekId, ...pairs.p256PrivateKey },
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

function toVersion({ id: secretId, lastVersion: version, takenAt: createdAt }: TakenVersions, agentId: string) {
  const type = 'private_key' as const;
  const none = { rotationPolicyJson: null, expiresAt: null, maxAccessCount: null, cmekFingerprint: null };
  const createdBy = subjectOf({ type: 'agent', id: agentId });
  return { ...none, secretId, version, type, metadataJson: '{}', createdBy, createdAt };
}
