import { describe, expect, it } from '@jest/globals';
import { TokenBuckets } from './token-buckets.js';

function buckets(options: { perSecond?: number; burst?: number; maxBuckets?: number } = {}) {
  const clock = { now: 0 };
  const made = new TokenBuckets({ perSecond: 10, burst: 3, ...options, now: () => clock.now });
  return { clock, made, take: (key = 'a') => made.take(key) };
}

describe('a token bucket', () => {
  it('lets a burst through and then as many as flow in', () => {
    const { clock, take } = buckets();
    expect([take(), take(), take()]).toEqual([0, 0, 0]);
    expect(take()).toBeCloseTo(0.1);
    clock.now = 100;
    expect(take()).toBe(0);
    expect(take()).toBeGreaterThan(0);
  });

  it('says how long to wait', () => {
    const { take } = buckets({ perSecond: 0.5, burst: 1 });
    take();
    expect(take()).toBeCloseTo(2);
  });

  it('does not grow beyond the burst', () => {
    const { clock, take } = buckets();
    take();
    clock.now = 1_000_000;
    expect([take(), take(), take(), take()].filter((wait) => wait === 0)).toHaveLength(3);
  });

  it('is one per key', () => {
    const { take } = buckets({ burst: 1 });
    expect(take('a')).toBe(0);
    expect(take('b')).toBe(0);
    expect(take('a')).toBeGreaterThan(0);
  });

  it('costs bounded memory, however many keys there are', () => {
    const { clock, made, take } = buckets({ burst: 2, maxBuckets: 100 });
    for (let key = 0; key < 60; key += 1) take(`idle-${key}`);
    clock.now = 10_000;
    for (let key = 0; key < 1000; key += 1) {
      take(`new-${key}`);
      expect(made.size).toBeLessThanOrEqual(100);
    }
  });

  it('is not forgotten while its owner is being refused, nor while others have taken less', () => {
    const { take } = buckets({ burst: 10, maxBuckets: 100 });
    for (let round = 0; round < 10; round += 1) take('greedy');
    for (let round = 0; round < 5; round += 1) take('busy');
    for (let key = 0; key < 1000; key += 1) take(`new-${key}`);
    expect(take('greedy')).toBeGreaterThan(0);
    expect([1, 2, 3, 4, 5, 6].map(() => take('busy') > 0)).toEqual([false, false, false, false, false, true]);
  });

  it('is forgotten by age where all are as empty', () => {
    const { made, take } = buckets({ burst: 1, maxBuckets: 100 });
    for (let key = 0; key < 101; key += 1) take(`key-${key}`);
    expect(made.size).toBe(91);
    expect([take('key-0'), take('key-99') > 0]).toEqual([0, true]);
  });
});
