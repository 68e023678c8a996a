import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decryptClientValue, encryptClientValue } from './client-value.js';

const key = randomBytes(32);

/** As a client does it, written from the contract alone. */
function asAClient(plaintext: string, under = key): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', under, iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(1), iv, ciphertext, cipher.getAuthTag()]).toString('base64');
}

function openAsAClient(text: string, under = key): string {
  const bytes = Buffer.from(text, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', under, bytes.subarray(1, 13)).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(13, -16)), decipher.final()]).toString();
}

describe('a value under a client’s key', () => {
  it.each(['', 'x', 'Ünïcode \0 🔑', 'x'.repeat(10_000)])('is opened as the client encrypted it', (plaintext) => {
    expect(decryptClientValue(key, Buffer.from(asAClient(plaintext)))).toEqual(Buffer.from(plaintext));
  });

  it('is encrypted so that the client opens it, each time with another IV', () => {
    const [one, other] = [1, 2].map(() => encryptClientValue(key, Buffer.from('for the client')).toString());
    expect([openAsAClient(one!), openAsAClient(other!)]).toEqual(['for the client', 'for the client']);
    expect(one).not.toBe(other);
    expect(Buffer.from(one!, 'base64')[0]).toBe(1);
  });

  const value = Buffer.from(asAClient('x'), 'base64');
  it.each([
    ['under another key', Buffer.from(asAClient('x', randomBytes(32)))],
    ['of another version', Buffer.from(Buffer.concat([Buffer.of(2), value.subarray(1)]).toString('base64'))],
    ['cut short', Buffer.from(value.subarray(0, 28).toString('base64'))],
    ['with a flipped bit', Buffer.from(Buffer.from(value).fill(9, 20, 21).toString('base64'))],
    ['empty', Buffer.alloc(0)],
    ['no base64', Buffer.from('not encrypted at all, and long enough to be')],
  ])('%s does not open', (_, text) => {
    expect(decryptClientValue(key, text)).toBe('damaged');
  });
});
