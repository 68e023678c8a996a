import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { hex, title, wycheproof, type Vector } from '../hsm/testing/wycheproof.js';
import { decryptValue, encryptValue, encryptWithIv, newDek } from './value-cipher.js';

describe('AES-GCM of values, against the Wycheproof vectors', () => {
  // 256-bit keys, 96-bit IVs and 128-bit tags are all that the format has.
  const groups = wycheproof<{ keySize: number; ivSize: number; tagSize: number; tests: Vector[] }>('aes_gcm');
  const vectors = groups
    .filter(({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128)
    .flatMap(({ tests }) => tests);

  function agrees(vector: Vector): boolean {
    const [key, iv, aad, msg] = ['key', 'iv', 'aad', 'msg'].map((field) => hex(vector, field));
    const ciphertext = Buffer.concat([hex(vector, 'ct'), hex(vector, 'tag')]);
    const decrypted = decryptValue(key!, aad!, { iv: iv!, ciphertext });
    if (vector.result === 'invalid') return decrypted === 'damaged';
    return decrypted !== 'damaged' && decrypted.equals(msg!) && encryptWithIv(key!, iv!, aad!, msg!).equals(ciphertext);
  }

  it('encrypts to the expected bytes and refuses what is invalid', () => {
    expect(vectors).toHaveLength(66);
    expect(vectors.filter((vector) => !agrees(vector)).map(title)).toEqual([]);
  });

  it('refuses IVs of other lengths', () => {
    const others = groups
      .filter(({ keySize, ivSize }) => keySize === 256 && ivSize !== 96)
      .flatMap(({ tests }) => tests);
    expect(others.length).toBeGreaterThan(20);
    for (const vector of others) {
      const sealed = { iv: hex(vector, 'iv'), ciphertext: Buffer.concat([hex(vector, 'ct'), hex(vector, 'tag')]) };
      expect(() => decryptValue(hex(vector, 'key'), hex(vector, 'aad'), sealed)).toThrow(RangeError);
    }
  });
});

describe('a sealed value', () => {
  const associatedData = Buffer.from('x');

  it('has an IV of its own each time', () => {
    const dek = newDek();
    const ivs = Array.from({ length: 50 }, () =>
      encryptValue(dek, associatedData, Buffer.from('same')).iv.toString('hex'),
    );
    expect(new Set(ivs).size).toBe(50);
  });

  it('does not open with a shortened tag', () => {
    const dek = newDek();
    const { iv, ciphertext } = encryptValue(dek, associatedData, randomBytes(100));
    expect(decryptValue(dek, associatedData, { iv, ciphertext: ciphertext.subarray(0, -4) })).toBe('damaged');
  });
});
