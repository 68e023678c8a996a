import { describe, expect, it } from '@jest/globals';
import { Recent } from './recent.js';

describe('a recent answer', () => {
  it('is shared by all who ask within its age, and asked anew afterwards', async () => {
    const clock = { now: 0 };
    let asked = 0;
    const recent = new Recent(
      () => Promise.resolve((asked += 1)),
      1000,
      () => clock.now,
    );
    expect(await Promise.all([recent.get(), recent.get()])).toEqual([1, 1]);
    clock.now = 1000;
    expect(await recent.get()).toBe(1);
    clock.now = 1001;
    expect(await recent.get()).toBe(2);
  });
});
