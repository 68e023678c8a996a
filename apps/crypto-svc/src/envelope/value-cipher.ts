import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DEK_BYTES, GCM_IV_BYTES, GCM_TAG_BYTES } from '../hsm/kek.js';
import type { OrDamaged } from '../hsm/hsm.port.js';
import type { SealedValue } from './envelope.format.js';

const CIPHER = 'aes-256-gcm';
/** Pinned: Node would accept shorter tags. */
const TAG = { authTagLength: GCM_TAG_BYTES };

export function newDek(): Buffer {
  return randomBytes(DEK_BYTES);
}

/** AES-256-GCM (NIST SP 800-38D) with a random 96-bit IV, under a DEK that seals this value only. */
export function encryptValue(dek: Buffer, associatedData: Buffer, plaintext: Uint8Array): SealedValue {
  const iv = randomBytes(GCM_IV_BYTES);
  return { iv, ciphertext: encryptWithIv(dek, iv, associatedData, plaintext) };
}

/** For vectors. Everyone else lets `encryptValue` choose the IV. */
export function encryptWithIv(dek: Buffer, iv: Buffer, associatedData: Buffer, plaintext: Uint8Array): Buffer {
  requireIv(iv);
  const cipher = createCipheriv(CIPHER, dek, iv, TAG).setAAD(associatedData);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext is released only after its tag was verified. */
export function decryptValue(dek: Buffer, associatedData: Buffer, { iv, ciphertext }: SealedValue): OrDamaged<Buffer> {
  requireIv(iv);
  const decipher = createDecipheriv(CIPHER, dek, iv, TAG).setAAD(associatedData);
  decipher.setAuthTag(ciphertext.subarray(-GCM_TAG_BYTES));
  const unverified = decipher.update(ciphertext.subarray(0, -GCM_TAG_BYTES));
  try {
    decipher.final();
    return unverified; // GCM is a stream: `final` brings no more bytes, only the verdict
  } catch {
    unverified.fill(0);
    return 'damaged';
  }
}

function requireIv(iv: Buffer): void {
  if (iv.length !== GCM_IV_BYTES) throw new RangeError(`the IV has ${iv.length} bytes, not ${GCM_IV_BYTES}`);
}
