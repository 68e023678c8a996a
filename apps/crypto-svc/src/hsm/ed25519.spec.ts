import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ed25519KeyId, ed25519PublicKey, rawEd25519Point, verifyEd25519 } from './ed25519.js';
import { hex, title, wycheproof, type Vector } from './testing/wycheproof.js';

describe('verification of Ed25519, against all Wycheproof vectors', () => {
  const groups = wycheproof<{ publicKey: { pk: string }; tests: Vector[] }>('ed25519');

  it('accepts the valid and refuses the invalid signatures', () => {
    const wrong = groups.flatMap(({ publicKey, tests }) => {
      const key = ed25519PublicKey(Buffer.from(publicKey.pk, 'hex'));
      const verdict = (vector: Vector) =>
        verifyEd25519(key, hex(vector, 'msg'), hex(vector, 'sig')) ? 'valid' : 'invalid';
      return tests.filter((vector) => verdict(vector) !== vector.result).map(title);
    });
    expect(wrong).toEqual([]);
    expect(groups.flatMap(({ tests }) => tests)).toHaveLength(151);
  });
});

describe('an Ed25519 public point', () => {
  const point = Buffer.from('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', 'base64url');

  it('is taken raw or as a DER OCTET STRING', () => {
    expect(rawEd25519Point(point)).toEqual(point);
    expect(rawEd25519Point(Buffer.concat([Buffer.from('0420', 'hex'), point]))).toEqual(point);
  });

  it.each([
    ['too short', Buffer.alloc(31)],
    ['with another tag', Buffer.concat([Buffer.from('0320', 'hex'), Buffer.alloc(32)])],
    ['with another length', Buffer.concat([Buffer.from('0421', 'hex'), Buffer.alloc(32)])],
    ['too long', Buffer.alloc(35)],
  ])('is refused %s', (_, bytes) => expect(() => rawEd25519Point(bytes)).toThrow('not an Ed25519 public point'));

  it('has the thumbprint of RFC 8037, appendix A.3', () => {
    expect(ed25519KeyId(point)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });
});

describe('an Ed25519 signature', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const signature = sign(null, Buffer.from('message'), privateKey);

  it('has exactly 64 bytes', () => {
    expect(verifyEd25519(publicKey, Buffer.from('message'), signature)).toBe(true);
    expect(verifyEd25519(publicKey, Buffer.from('message'), Buffer.concat([signature, Buffer.alloc(1)]))).toBe(false);
    expect(verifyEd25519(publicKey, Buffer.from('message'), signature.subarray(0, 63))).toBe(false);
  });
});
