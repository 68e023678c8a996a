import { describe, expect, it } from '@jest/globals';
import { cursorOf } from './cursor.js';

const cursor = cursorOf({ createdAt: 'integer', id: 'uuid' });
const position = { createdAt: 1_700_000_000_000_001, id: '0190b5a0-0000-7000-8000-000000000001' };

describe('a cursor', () => {
  it('comes back as the position that it was made of', () => {
    expect(cursor.decode(cursor.encode(position))).toEqual(position);
  });

  it('is the first page when empty', () => {
    expect(cursor.decode('')).toBeUndefined();
  });

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each([
    ['noise', '%%%'],
    ['an object', encode({ createdAt: 1, id: position.id })],
    ['too few fields', encode([1])],
    ['too many fields', encode([1, position.id, 2])],
    ['a number where a uuid belongs', encode([1, 2])],
    ['something that is no uuid', encode([1, "0190b5a0' OR 1=1"])],
    ['a fraction', encode([1.5, position.id])],
    ['far too much', encode([1, 'x'.repeat(5000)])],
  ])('is refused when it holds %s', (_, text) => {
    expect(() => cursor.decode(text)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  it('refuses text with a NUL, which Postgres cannot compare', () => {
    expect(() => cursorOf({ path: 'text' }).decode(encode(['a\0b']))).toThrow('not valid');
  });
});
