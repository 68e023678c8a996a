import { describe, expect, it } from '@jest/globals';
import { hashOfUserCode, newUserCode, parseUserCode } from './user-code.js';

describe('a user code', () => {
  it('is ten letters that look like nothing else, in two groups', () => {
    const codes = Array.from({ length: 500 }, newUserCode);
    for (const code of codes) expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{5}-[BCDFGHJKLMNPQRSTVWXZ]{5}$/);
    expect(new Set(codes).size).toBe(500);
  });

  it.each(['BCDFG-HJKLM', 'bcdfg-hjklm', 'BCDFGHJKLM', ' bcdf ghjk lm ', 'BCDFG–HJKLM', 'BCDFG—HJKLM'])(
    'may be typed as %j',
    (typed) => {
      expect(parseUserCode(typed)).toBe('BCDFG-HJKLM');
    },
  );

  it.each(['', 'BCDFG', 'BCDFG-HJKL', 'BCDFG-HJKLMN', 'ACDFG-HJKLM', '0CDFG-HJKLM', 'BCDFG_HJKLM', 'ßCDFG-HJKLM'])(
    'is not %j',
    (typed) => {
      expect(parseUserCode(typed)).toBeUndefined();
    },
  );

  it('is kept as a hash', () => {
    expect(hashOfUserCode('BCDFG-HJKLM')).toHaveLength(32);
    expect(hashOfUserCode('BCDFG-HJKLM')).not.toEqual(hashOfUserCode('BCDFG-HJKLN'));
  });
});
