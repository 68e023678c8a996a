import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ClientKey } from '../testing/client-key.js';
import { checkFingerprint, isCmekValue } from './cmek-input.js';

describe('a value of a vault under a client’s key', () => {
  const encrypted = new ClientKey().encrypt('x');
  const bytes = Buffer.from(encrypted, 'base64');

  it.each(['', 'x', 'Ünïcode \0 🔑', 'x'.repeat(100_000)])('is taken when it is encrypted', (plaintext) => {
    expect(isCmekValue(Buffer.from(new ClientKey().encrypt(plaintext)))).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['plain text', 'postgres://user:password@host/database?sslmode=require'],
    ['base64 of another version', Buffer.concat([Buffer.of(2), bytes.subarray(1)]).toString('base64')],
    ['a byte too short', bytes.subarray(0, 28).toString('base64')],
    ['in hex', bytes.toString('hex')],
    ['base64url', Buffer.concat([Buffer.of(1), Buffer.alloc(40, 0xff)]).toString('base64url')],
    [
      'not padded',
      Buffer.concat([Buffer.of(1), Buffer.alloc(33)])
        .toString('base64')
        .replace(/=+$/, ''),
    ],
    ['followed by a line end', `${encrypted}\n`],
    ['surrounded by blanks', ` ${encrypted} `],
    [
      'no canonical base64',
      `${Buffer.concat([Buffer.of(1), Buffer.alloc(33)])
        .toString('base64')
        .slice(0, -3)}B==`,
    ],
  ])('is refused when it is %s', (_, value) => {
    expect(isCmekValue(Buffer.from(value))).toBe(false);
  });
});

describe('a fingerprint', () => {
  it('is 64 hex digits, and compared in lower case', () => {
    const fingerprint = randomBytes(32).toString('hex');
    expect(checkFingerprint(fingerprint.toUpperCase(), 'fingerprint')).toBe(fingerprint);
  });

  it.each(['', 'a'.repeat(63), 'a'.repeat(65), 'g'.repeat(64), `${'a'.repeat(64)}\n`])('is not %j', (wrong) => {
    expect(() => checkFingerprint(wrong, 'new_fingerprint')).toThrow(
      expect.objectContaining({ fields: { new_fingerprint: expect.stringContaining('64 hex digits') } }),
    );
  });
});
