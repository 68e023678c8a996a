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

  it('costs bounded memory, and those who are being refused are the last to be forgotten', () => {
    const { clock, made, take } = buckets({ burst: 2, maxBuckets: 100 });
    for (let key = 0; key < 60; key += 1) take(`idle-${key}`);
    clock.now = 10_000;
    for (let round = 0; round < 3; round += 1) take('greedy');
    for (let key = 0; key < 1000; key += 1) take(`new-${key}`);
    expect(made.size).toBeLessThanOrEqual(100);
    const again = buckets({ burst: 2, maxBuckets: 100 });
    for (let key = 0; key < 60; key += 1) again.take(`idle-${key}`);
    again.clock.now = 10_000;
    for (let round = 0; round < 3; round += 1) again.take('greedy');
    for (let key = 0; key < 40; key += 1) again.take(`new-${key}`);
    expect(again.take('greedy')).toBeGreaterThan(0);
  });
});
