import type { Key, Session } from 'graphene-pk11';
import { GCM_IV_BYTES, GCM_TAG_BYTES } from '../kek.js';
import { aesGcm } from './mechanisms.js';

/** AES-256-GCM with a 96-bit IV and a 128-bit tag: ciphertext | tag. */
export function gcmEncrypt(session: Session, key: Key, iv: Buffer, associatedData: Buffer, plaintext: Buffer): Buffer {
  requireIv(iv);
  session.createCipher(aesGcm(iv, associatedData), key);
  // Not graphene's `once`: it copies the plaintext into a buffer that nobody can zero.
  const ciphertext = session.lib.C_Encrypt(session.handle, plaintext, Buffer.alloc(plaintext.length + GCM_TAG_BYTES));
  return exactly(ciphertext, plaintext.length + GCM_TAG_BYTES);
}

/** The plaintext, in a buffer of its own that the caller zeroes. Throws on a wrong tag, and on a broken device. */
export function gcmDecrypt(session: Session, key: Key, iv: Buffer, associatedData: Buffer, ciphertext: Buffer): Buffer {
  requireIv(iv);
  session.createDecipher(aesGcm(iv, associatedData), key);
  // SoftHSM demands room for the tag as well; the rest stays zero.
  const plaintext = session.lib.C_Decrypt(session.handle, ciphertext, Buffer.alloc(ciphertext.length));
  return exactly(plaintext, ciphertext.length - GCM_TAG_BYTES);
}

function requireIv(iv: Buffer): void {
  if (iv.length !== GCM_IV_BYTES) throw new RangeError(`the IV has ${iv.length} bytes, not ${GCM_IV_BYTES}`);
}

function exactly(output: Buffer, length: number): Buffer {
  if (output.length === length) return output;
  throw new Error(`the HSM answered ${output.length} bytes where ${length} were due`);
}
