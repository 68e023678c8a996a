import { Injectable } from '@nestjs/common';
import { internal, isDomainError } from '@oneclaw/errors';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DamageAlarm } from '../crypto/damage-alarm.js';
import { EnvelopesClient, type ToOpen } from '../crypto/envelopes.client.js';
import { associatedDataOf } from './associated-data.js';
import type { FoundSecret, SecretRead } from './secret-read.js';

/** Opens what was found, not refused, and not known to the caller already. */
@Injectable()
export class ReadOpener {
  constructor(
    private readonly envelopes: EnvelopesClient,
    private readonly alarm: DamageAlarm,
  ) {}

  /** Where crypto-svc fails, its reads fail, and the others of the batch go on. */
  async open(reads: readonly SecretRead[], call: OutgoingCall): Promise<void> {
    const opening: SecretRead[] = [];
    const toOpen: ToOpen[] = [];
    for (const read of reads.filter(({ error, notModified }) => !error && !notModified)) {
      const wanted = toOpenOf(read);
      if (!wanted) {
        this.settle(read, undefined);
        continue;
      }
      opening.push(read);
      toOpen.push(wanted);
    }
    if (opening.length === 0) return;
    try {
      const values = await this.envelopes.open(toOpen, call);
      opening.forEach((read, index) => this.settle(read, values[index]));
    } catch (error) {
      if (!isDomainError(error)) throw error;
      for (const read of opening) read.error = error;
    }
  }

  private settle(read: SecretRead, value: Buffer | undefined): void {
    if (value) {
      read.value = value;
      return;
    }
    const { secret, version } = read.found!;
    const place = { secretId: secret!.id, version: version?.version ?? read.requestedVersion };
    this.alarm.raise(secret!.inconsistent ? 'numbering' : 'envelope', {
      vaultId: read.vaultId,
      ...place,
      requestId: read.by.requestId,
    });
    read.damaged = true;
    read.error = internal('the envelope is damaged');
  }
}

/** Undefined where there is no such row, or one that no version can be. */
function toOpenOf({ found, path }: SecretRead): ToOpen | undefined {
  const { vault, secret, version } = found as Required<FoundSecret>;
  if (secret.inconsistent) return undefined;
  const { orgId, id: vaultId } = vault;
  try {
    const associatedData = associatedDataOf({ ...version, orgId, vaultId, secretId: version.id, path });
    return { kek: version.kek, associatedData, envelope: version };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
