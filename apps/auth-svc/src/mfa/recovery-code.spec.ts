import { describe, expect, it } from '@jest/globals';
import { newRecoveryCode, parseRecoveryCode } from './recovery-code.js';

describe('a recovery code', () => {
  it('is readable, and another one each time', () => {
    const codes = Array.from({ length: 100 }, newRecoveryCode);
    for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{5}(-[0-9a-hjkmnp-tv-z]{5}){3}$/);
    expect(new Set(codes).size).toBe(100);
  });

  it('is understood however it is typed', () => {
    const typed = [
      'abc10-00111-22222-zzzzz',
      'ABC10-00111-22222-ZZZZZ',
      'abc1000111 22222zzzzz ',
      'abcIo-OOlLi-22222-zzzzz',
    ];
    for (const each of typed) {
      expect(parseRecoveryCode(each)).toEqual({ selector: 'abc10', text: 'abc100011122222zzzzz' });
    }
  });

  it.each([
    '',
    '123456',
    'abc10-00111-22222-zzzz',
    'abc10-00111-22222-zzzzzz',
    'uuuuu-uuuuu-uuuuu-uuuuu',
    'é'.repeat(20),
  ])('is not %j', (text) => {
    expect(parseRecoveryCode(text)).toBeUndefined();
  });
});
