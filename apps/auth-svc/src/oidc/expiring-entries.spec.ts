import { describe, expect, it } from '@jest/globals';
import { ExpiringEntries } from './expiring-entries.js';

describe('entries that expire', () => {
  it('go after their lifetime', () => {
    let now = 0;
    const entries = new ExpiringEntries<number>({ max: 10, lifetimeMs: 100 }, () => now);
    entries.set('a', 1);
    now = 99;
    expect(entries.get('a')).toBe(1);
    now = 100;
    expect(entries.get('a')).toBeUndefined();
  });

  it('are never more than they may be: the oldest goes', () => {
    const entries = new ExpiringEntries<number>({ max: 2, lifetimeMs: 100 }, () => 0);
    entries.set('a', 1);
    entries.set('b', 2);
    entries.set('a', 3);
    entries.set('c', 4);
    expect([entries.get('a'), entries.get('b'), entries.get('c')]).toEqual([3, undefined, 4]);
  });
});
