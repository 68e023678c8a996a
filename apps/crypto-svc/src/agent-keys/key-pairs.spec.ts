import { createPublicKey, createPrivateKey, randomBytes, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { base64Bytes } from './base64-bytes.js';
import { newEd25519Pair, newP256Pair } from './key-pairs.js';

const raw = (text: Buffer) => Buffer.from(text.toString('ascii'), 'base64');
const b64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

describe('an agent’s Ed25519 pair', () => {
  it('is raw, and what the private half signs the public half verifies', () => {
    const pair = newEd25519Pair();
    expect(pair.publicKey).toHaveLength(32);
    expect(raw(pair.privateKey)).toHaveLength(32);
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: b64url(pair.publicKey) };
    const signature = sign(
      null,
      Buffer.from('m'),
      createPrivateKey({ key: { ...jwk, d: b64url(raw(pair.privateKey)) }, format: 'jwk' }),
    );
    expect(verify(null, Buffer.from('m'), createPublicKey({ key: jwk, format: 'jwk' }), signature)).toBe(true);
  });
});

describe('an agent’s P-256 pair', () => {
  it('is raw, the private half always of 32 bytes, and the halves belong together', () => {
    for (let round = 0; round < 600; round++) {
      const { publicKey, privateKey } = newP256Pair(); // about two of them have a leading zero
      expect(publicKey).toHaveLength(65);
      expect(publicKey[0]).toBe(4);
      const d = raw(privateKey);
      expect(d).toHaveLength(32);
      const jwk = { kty: 'EC', crv: 'P-256', x: b64url(publicKey.subarray(1, 33)), y: b64url(publicKey.subarray(33)) };
      const signature = sign(
        'sha256',
        Buffer.from('m'),
        createPrivateKey({ key: { ...jwk, d: b64url(d) }, format: 'jwk' }),
      );
      expect(verify('sha256', Buffer.from('m'), createPublicKey({ key: jwk, format: 'jwk' }), signature)).toBe(true);
    }
  });
});

describe('base64 as bytes', () => {
  it('is what Node makes of the same bytes', () => {
    for (let length = 0; length < 100; length++) {
      const bytes = randomBytes(length);
      expect(base64Bytes(bytes).toString()).toBe(bytes.toString('base64'));
    }
  });
});
