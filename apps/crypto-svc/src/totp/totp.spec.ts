import { describe, expect, it } from '@jest/globals';
import { codeAt, matchingStep, stepAt } from './totp.js';

/** RFC 4226, appendix D, and RFC 6238, appendix B (SHA-1). */
const secret = Buffer.from('12345678901234567890');

describe('HOTP', () => {
  it('gives the codes of RFC 4226', () => {
    const codes = Array.from({ length: 10 }, (_, counter) => codeAt(secret, counter));
    expect(codes.join(' ')).toBe('755224 287082 359152 969429 338314 254676 287922 162583 399871 520489');
  });
});

describe('TOTP', () => {
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('gives at %d s the code %s of RFC 6238, and its last six digits', (seconds, code) => {
    const step = stepAt(seconds * 1000);
    expect(codeAt(secret, step, 8)).toBe(code);
    expect(codeAt(secret, step)).toBe(code.slice(2));
    expect(matchingStep(secret, code.slice(2), seconds * 1000)).toBe(step);
  });

  it('accepts the steps before and after, and no others', () => {
    const now = 1_234_567_890_000;
    const accepted = [-2, -1, 0, 1, 2].map((offset) => {
      const step = stepAt(now) + offset;
      return matchingStep(secret, codeAt(secret, step), now) === step;
    });
    expect(accepted).toEqual([false, true, true, true, false]);
  });

  it('changes steps exactly on the half minute', () => {
    expect([stepAt(29_999), stepAt(30_000), stepAt(59_999)]).toEqual([0, 1, 1]);
  });

  it.each(['', '1', '000000', '0059240', '5924', 'abcdef', '００５９２４', '005 24'])('refuses %j', (code) => {
    expect(matchingStep(secret, code, 1_234_567_890_000)).toBeUndefined();
  });
});
