import { GCM_IV_BYTES, GCM_TAG_BYTES } from '../hsm/kek.js';
import type { OrDamaged } from '../hsm/hsm.port.js';
import { decryptValue, encryptValue } from '../envelope/value-cipher.js';

/**
 * A value as a client encrypts it with its own key before it sends it: base64 (RFC 4648, section 4) of
 * 0x01 | iv(12) | AES-256-GCM ciphertext | tag(16), without associated data.
 */
const VERSION = 1;
const MIN_BYTES = 1 + GCM_IV_BYTES + GCM_TAG_BYTES;
const NO_ASSOCIATED_DATA = Buffer.alloc(0);

/** The base64 text of the plaintext under the key, with a fresh IV. */
export function encryptClientValue(key: Buffer, plaintext: Buffer): Buffer {
  const { iv, ciphertext } = encryptValue(key, NO_ASSOCIATED_DATA, plaintext);
  const bytes = Buffer.concat([Buffer.from([VERSION]), iv, ciphertext]);
  return Buffer.from(bytes.toString('base64'), 'latin1');
}

/** The plaintext, which the caller wipes; `damaged` also where the text is not of the format. */
export function decryptClientValue(key: Buffer, text: Buffer): OrDamaged<Buffer> {
  const bytes = Buffer.from(text.toString('latin1'), 'base64');
  if (bytes.length < MIN_BYTES || bytes[0] !== VERSION) return 'damaged';
  const ivEnd = 1 + GCM_IV_BYTES;
  return decryptValue(key, NO_ASSOCIATED_DATA, { iv: bytes.subarray(1, ivEnd), ciphertext: bytes.subarray(ivEnd) });
}
