import { describe, expect, it } from '@jest/globals';
import { Politeness } from './politeness.js';

describe('politeness', () => {
  it('rests in proportion to how long a job was held up', () => {
    const politeness = new Politeness();
    expect([30, 25, 25, 75, 26].map((tookMs) => politeness.restAfter(tookMs))).toEqual([0, 0, 0, 150, 3]);
  });

  it('has an end', () => {
    const politeness = new Politeness();
    politeness.restAfter(25);
    expect(politeness.restAfter(60_000)).toBe(500);
  });
});
