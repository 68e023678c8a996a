import { createECDH, generateKeyPairSync } from 'node:crypto';
import { base64Bytes } from './base64-bytes.js';

export interface RawKeyPair {
  publicKey: Buffer;
  /** The raw 32 bytes as base64 text. The caller wipes it. */
  privateKey: Buffer;
}

/** RFC 8032; the public key is the raw point, 32 bytes. */
export function newEd25519Pair(): RawKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  // RFC 8410: both encodings end with the 32 raw bytes.
  return { publicKey: Buffer.from(publicKey.subarray(-32)), privateKey: textOf(privateKey, privateKey.subarray(-32)) };
}

/** NIST P-256; the public key is the uncompressed SEC1 point, 65 bytes. */
export function newP256Pair(): RawKeyPair {
  const pair = createECDH('prime256v1');
  const publicKey = pair.generateKeys();
  const scalar = pair.getPrivateKey(); // without leading zeros
  const padded = Buffer.alloc(32);
  scalar.copy(padded, 32 - scalar.length);
  scalar.fill(0);
  return { publicKey, privateKey: textOf(padded, padded) };
}

function textOf(owner: Buffer, raw: Buffer): Buffer {
  const text = base64Bytes(raw);
  owner.fill(0);
  return text;
}
