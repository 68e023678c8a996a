import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { internal, invalid } from '@oneclaw/errors';
import { EnvelopeService, type Envelope, type EnvelopeToOpen } from '../envelope/envelope.service.js';
import type { Kek, OrDamaged } from '../hsm/hsm.port.js';
import { decryptClientValue, encryptClientValue } from './client-value.js';

const KEY_BYTES = 32;
const MAX_ITEMS = 100;

export interface SealedCmekKeys {
  /** SHA-256, lower-case hex. */
  oldFingerprint: string;
  newFingerprint: string;
  /** Old and new key. */
  keys: Envelope;
}

export interface ValueToReencrypt extends EnvelopeToOpen {
  newAssociatedData: Buffer;
}

/** The value under the new key; `unreadable`: neither key opens it; `damaged`: the envelope does not open. */
export type Reencrypted = Envelope | 'unreadable' | 'damaged';

/** Moves values from one key of a client's to another. Both keys, and what is under them, are in the clear only in here, and wiped. */
@Injectable()
export class CmekService {
  constructor(private readonly envelopes: EnvelopeService) {}

  /** The caller wipes its copies of the keys. */
  async sealKeys(kek: Kek, associatedData: Buffer, oldKey: Buffer, newKey: Buffer): Promise<SealedCmekKeys> {
    requireKey(oldKey, 'old_key');
    requireKey(newKey, 'new_key');
    const plaintext = Buffer.concat([oldKey, newKey]);
    try {
      const [keys] = await this.envelopes.sealAll([{ kek, associatedData, plaintext }]);
      return { oldFingerprint: hash('sha256', oldKey), newFingerprint: hash('sha256', newKey), keys: keys! };
    } finally {
      plaintext.fill(0);
    }
  }

  /** In the order of the items, each sealed under `to`. Throws where the keys do not open, or nothing can be sealed. */
  async reencrypt(keys: EnvelopeToOpen, to: Kek, items: readonly ValueToReencrypt[]): Promise<Reencrypted[]> {
    if (items.length < 1 || items.length > MAX_ITEMS) {
      throw invalid(`1 to ${MAX_ITEMS} at once.`, { items: `must have 1 to ${MAX_ITEMS} entries` });
    }
    const [bothKeys] = await this.envelopes.open([keys]);
    if (bothKeys === undefined || bothKeys === 'damaged') throw internal('the keys of a CMEK rotation do not open');
    const [oldKey, newKey] = [bothKeys.subarray(0, KEY_BYTES), bothKeys.subarray(KEY_BYTES)];
    const values = await this.envelopes.open(items).catch((error: unknown) => {
      bothKeys.fill(0);
      throw error;
    });
    try {
      const moved = values.map((value) => (value === 'damaged' ? value : underNewKey(value, oldKey, newKey)));
      return await this.seal(to, items, moved);
    } finally {
      bothKeys.fill(0);
      for (const value of values) if (value !== 'damaged') value.fill(0);
    }
  }

  private async seal(
    kek: Kek,
    items: readonly ValueToReencrypt[],
    moved: readonly (Buffer | 'unreadable' | 'damaged')[],
  ): Promise<Reencrypted[]> {
    const toSeal = moved.flatMap((plaintext, index) =>
      typeof plaintext === 'string' ? [] : [{ kek, associatedData: items[index]!.newAssociatedData, plaintext }],
    );
    const envelopes = await this.envelopes.sealAll(toSeal);
    return moved.map((value) => (typeof value === 'string' ? value : envelopes.shift()!));
  }
}

/** The text of the value under the new key. */
function underNewKey(text: Buffer, oldKey: Buffer, newKey: Buffer): OrDamaged<Buffer> | 'unreadable' {
  const plaintext = decryptClientValue(oldKey, text);
  if (plaintext !== 'damaged') {
    const moved = encryptClientValue(newKey, plaintext);
    plaintext.fill(0);
    return moved;
  }
  const already = decryptClientValue(newKey, text);
  if (already === 'damaged') return 'unreadable';
  already.fill(0);
  return text;
}

function requireKey(key: Buffer, field: string): void {
  if (key.length === KEY_BYTES) return;
  throw invalid('The key is not valid.', { [field]: `must have ${KEY_BYTES} bytes` });
}
