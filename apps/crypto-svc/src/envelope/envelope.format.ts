import { DEK_BYTES, GCM_IV_BYTES, GCM_TAG_BYTES, KEK_BYTES, KEK_ID_BYTES, decodeKek, encodeKek } from '../hsm/kek.js';
import type { Kek, WrappedDek } from '../hsm/hsm.port.js';

/**
 * The bytes of docs/envelope-format.md, version 1. Parsing answers undefined for what is not of that format: too short,
 * too long, or of another version. Everything else is for the authentication to say.
 */
const VERSION = Buffer.from([1]);
const WRAPPED_DEK_BYTES = 1 + KEK_ID_BYTES + GCM_IV_BYTES + DEK_BYTES + GCM_TAG_BYTES;
const SEALED_VALUE_MIN_BYTES = 1 + GCM_IV_BYTES + GCM_TAG_BYTES;

export interface SealedValue {
  /** 12 bytes. */
  iv: Buffer;
  /** Ciphertext and the 16-byte tag. */
  ciphertext: Buffer;
}

/** version(1) | KEK id(16) | iv(12) | ciphertext(32) | tag(16). */
export function encodeWrappedDek(kekId: Buffer, { iv, ciphertext }: WrappedDek): Buffer {
  return Buffer.concat([VERSION, kekId, iv, ciphertext]);
}

export function parseWrappedDek(bytes: Buffer): (WrappedDek & { kekId: Buffer }) | undefined {
  if (bytes.length !== WRAPPED_DEK_BYTES || bytes[0] !== VERSION[0]) return undefined;
  const ivAt = 1 + KEK_ID_BYTES;
  const ciphertextAt = ivAt + GCM_IV_BYTES;
  return {
    kekId: bytes.subarray(1, ivAt),
    iv: bytes.subarray(ivAt, ciphertextAt),
    ciphertext: bytes.subarray(ciphertextAt),
  };
}

/** version(1) | iv(12) | ciphertext | tag(16). */
export function encodeSealedValue({ iv, ciphertext }: SealedValue): Buffer {
  return Buffer.concat([VERSION, iv, ciphertext]);
}

export function parseSealedValue(bytes: Buffer): SealedValue | undefined {
  if (bytes.length < SEALED_VALUE_MIN_BYTES || bytes[0] !== VERSION[0]) return undefined;
  return { iv: bytes.subarray(1, 1 + GCM_IV_BYTES), ciphertext: bytes.subarray(1 + GCM_IV_BYTES) };
}

/** version(1) | KEK(104), see hsm/kek.ts. */
export function encodeWrappedKek(kek: Kek): Buffer {
  return Buffer.concat([VERSION, encodeKek(kek)]);
}

export function parseWrappedKek(bytes: Buffer): Kek | undefined {
  if (bytes.length !== 1 + KEK_BYTES || bytes[0] !== VERSION[0]) return undefined;
  return decodeKek(bytes.subarray(1));
}

/** 16 bytes as UUID text. */
export function kekIdText(id: Buffer): string {
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
