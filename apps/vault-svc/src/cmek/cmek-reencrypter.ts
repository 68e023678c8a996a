import { Injectable } from '@nestjs/common';
import { unavailable } from '@oneclaw/errors';
import type { EntityManager } from 'typeorm';
import { CmekClient, type Reencrypted, type SealedCmekKeys, type ToReencrypt } from '../crypto/cmek.client.js';
import { DamageAlarm } from '../crypto/damage-alarm.js';
import { associatedDataOf } from '../secrets/associated-data.js';
import { VaultKeksRepository } from '../vaults/vault-keks.repository.js';
import type { CmekRotationWork } from './cmek-rotation.entity.js';
import { CmekVersionsRepository, type CmekVersion, type VersionRef } from './cmek-versions.repository.js';

/** Moves versions of a vault from the client's old key to the new one, within the transaction of a step. */
@Injectable()
export class CmekReencrypter {
  constructor(
    private readonly versions: CmekVersionsRepository,
    private readonly keks: VaultKeksRepository,
    private readonly crypto: CmekClient,
    private readonly alarm: DamageAlarm,
  ) {}

  /** Answers how many are under the new key now. What neither key opens, or is damaged, is noted as unreadable. */
  async move(
    manager: EntityManager,
    work: CmekRotationWork,
    keys: SealedCmekKeys,
    refs: readonly VersionRef[],
  ): Promise<number> {
    if (refs.length === 0) return 0;
    const found = await this.versions.find(manager, work, refs);
    if (found.length === 0) return 0;
    const { orgId, vaultId } = work;
    const to = (await this.keks.lock(manager, [{ orgId, id: vaultId }])).get(vaultId);
    if (!to) return 0;
    const results = await this.reencrypt(work, keys, to, found);
    const pairs = found.flatMap((was, index) => {
      const becomes = results[index]!;
      return typeof becomes === 'string' ? [] : [{ was, becomes }];
    });
    await this.noteUnreadable(manager, work, found, results);
    if (pairs.length === 0) return 0;
    const changed = await this.versions.replace(manager, work, to.kekId, pairs);
    // A rotation of the KEK, or the sweep, was at them meanwhile. They are looked at again.
    if (changed !== pairs.length) throw unavailable('Versions were changed while they were re-encrypted.');
    return changed;
  }

  /** A row that no version can be is damaged without crypto-svc. */
  private async reencrypt(
    work: CmekRotationWork,
    keys: SealedCmekKeys,
    to: Parameters<CmekClient['reencrypt']>[1],
    found: readonly CmekVersion[],
  ): Promise<Reencrypted[]> {
    const items = found.map((version) => toReencryptOf(work, version));
    const possible = items.filter((item) => item !== undefined);
    const call = { requestId: `cmek-rotation-${work.id}` };
    const results = possible.length === 0 ? [] : await this.crypto.reencrypt(keys, to, possible, call);
    let next = 0;
    return items.map((item) => (item ? results[next++]! : 'damaged'));
  }

  private async noteUnreadable(
    manager: EntityManager,
    { id, vaultId }: CmekRotationWork,
    found: readonly CmekVersion[],
    results: readonly Reencrypted[],
  ): Promise<void> {
    const left = found.filter((_, index) => typeof results[index] === 'string');
    if (left.length === 0) return;
    const refs = left.map(({ secretId, version }) => ({ vaultId, secretId, version }));
    await this.versions.addStragglers(manager, refs, true);
    found.forEach(({ secretId, version }, index) => {
      if (results[index] !== 'damaged') return;
      this.alarm.raise('envelope', { vaultId, secretId, version, requestId: `cmek-rotation-${id}` });
    });
  }
}

/** Undefined where the row is one that no version can be. */
function toReencryptOf(work: CmekRotationWork, version: CmekVersion): ToReencrypt | undefined {
  const { orgId, vaultId, newFingerprint } = work;
  const { kek, wrappedDek, sealedValue } = version;
  try {
    const associatedData = associatedDataOf({ ...version, orgId, vaultId });
    const moved = { ...version, orgId, vaultId, cmekFingerprint: newFingerprint };
    return { kek, associatedData, envelope: { wrappedDek, sealedValue }, newAssociatedData: associatedDataOf(moved) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
