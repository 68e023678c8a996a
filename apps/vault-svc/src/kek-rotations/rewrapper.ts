import { Injectable } from '@nestjs/common';
import { DamageAlarm } from '../crypto/damage-alarm.js';
import { EnvelopesClient, type ToRewrap } from '../crypto/envelopes.client.js';
import { associatedDataOf } from '../secrets/associated-data.js';
import type { VaultKek } from '../vaults/vault.entity.js';
import type { RotationWork } from './kek-rotation.entity.js';
import type { Rewrapped, WrappedVersion } from './rewraps.repository.js';

/** Has the DEKs of versions wrapped under a rotation's new KEK. */
@Injectable()
export class Rewrapper {
  constructor(
    private readonly envelopes: EnvelopesClient,
    private readonly alarm: DamageAlarm,
  ) {}

  /** Without those that are damaged, for which it raises the alarm. */
  async rewrap(work: RotationWork, retired: readonly VaultKek[], versions: readonly WrappedVersion[]) {
    const rewrapped: Rewrapped[] = [];
    for (const kekId of new Set(versions.map((version) => version.kekId))) {
      const under = versions.filter((version) => version.kekId === kekId);
      const from = retired.find((kek) => kek.kekId === kekId);
      rewrapped.push(...(await this.rewrapFrom(work, from, under)));
    }
    return rewrapped;
  }

  /** `from` is undefined where the KEK is another vault's. */
  private async rewrapFrom(
    work: RotationWork,
    from: VaultKek | undefined,
    versions: readonly WrappedVersion[],
  ): Promise<Rewrapped[]> {
    const bound = versions.map((version) => toRewrapOf(work, version));
    const items = bound.filter((item) => item !== undefined);
    const deks = from ? await this.envelopes.rewrap(from, work.to, items, { requestId: `rotation-${work.id}` }) : [];
    let next = 0;
    return versions.flatMap((version, index) => {
      const newWrappedDek = bound[index] ? deks[next++] : undefined;
      if (newWrappedDek) return [{ ...version, newWrappedDek }];
      const { secretId, version: number } = version;
      this.alarm.raise('envelope', {
        vaultId: work.vaultId,
        secretId,
        version: number,
        requestId: `rotation-${work.id}`,
      });
      return [];
    });
  }
}

/** Undefined where the row is one that no version can be. */
function toRewrapOf({ orgId, vaultId }: RotationWork, version: WrappedVersion): ToRewrap | undefined {
  try {
    return { associatedData: associatedDataOf({ ...version, orgId, vaultId }), wrappedDek: version.wrappedDek };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
