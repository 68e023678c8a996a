import { describe, expect, it } from '@jest/globals';
import { centsOf, usdOf } from './money.js';

describe('micro-dollars', () => {
  it.each([
    [0, '0.00'],
    [1, '0.000001'],
    [500, '0.0005'],
    [1000, '0.001'],
    [1_000_000, '1.00'],
    [1_500_000, '1.50'],
    [29_990_100, '29.9901'],
    [Number.MAX_SAFE_INTEGER, '9007199254.740991'],
  ])('%i are %s dollars', (micros, usd) => expect(usdOf(micros)).toBe(usd));

  it.each([
    [0, 0],
    [9999, 0],
    [10_000, 1],
    [1_999_999, 199],
  ])('%i are %i cents, rounded down', (micros, cents) => expect(centsOf(micros)).toBe(cents));
});
