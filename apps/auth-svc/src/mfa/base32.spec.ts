import { describe, expect, it } from '@jest/globals';
import { base32 } from './base32.js';

describe('base32', () => {
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
    ['12345678901234567890', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'],
  ])('of %j is that of RFC 4648 without its padding', (text, expected) => {
    expect(base32(Buffer.from(text))).toBe(expected);
  });

  it('of high bytes loses no bit', () => {
    expect(base32(Buffer.alloc(5, 0xff))).toBe('77777777');
    expect(base32(Buffer.from([0xff, 0x00, 0xff]))).toBe('74AP6');
  });
});
