import { describe, expect, it } from '@jest/globals';
import { RightOfWay } from './right-of-way.js';

function road() {
  const clock = { now: 0 };
  const made = new RightOfWay(() => clock.now);
  const passed: string[] = [];
  const wait = (name: string) => made.wait(() => passed.push(name));
  /** Known callers at this pace for a second, others at theirs, in steps of a millisecond. */
  const second = (knownPerMs: number, othersPerMs: number) => {
    const before = passed.length;
    for (let ms = 0; ms < 1000; ms += 1) {
      clock.now += 1;
      for (let known = 0; known < knownPerMs; known += 1) made.pass();
      for (let other = 0; other < othersPerMs; other += 1) wait('other');
      if (ms % 5 === 4) made.tick();
    }
    return passed.length - before;
  };
  return { clock, made, passed, wait, second };
}

describe('the right of way', () => {
  it('lets everybody go at once where there is nobody to give way to', () => {
    const { made, passed, wait } = road();
    for (let round = 0; round < 5000; round += 1) wait('other');
    expect([passed.length, made.size]).toEqual([5000, 0]);
  });

  it('gives everybody else a share of what known callers take, and a little besides', () => {
    const { second, made } = road();
    second(4, 5);
    const passed = second(4, 5);
    expect(passed).toBeGreaterThan(1150);
    expect(passed).toBeLessThanOrEqual(1200);
    expect(made.size).toBeGreaterThan(0);
    made.close();
  });

  it('starves nobody: they go one after the other, in the order in which they came', () => {
    const { made, passed, wait, clock } = road();
    made.pass();
    for (let turn = 0; turn < 100; turn += 1) wait('burst');
    ['a', 'b', 'c'].forEach(wait);
    expect(passed).toHaveLength(100);
    for (let round = 0; round < 3; round += 1) {
      clock.now += 5;
      made.tick();
    }
    expect(passed.slice(100)).toEqual(['a', 'b', 'c']);
  });

  it('empties what waits when the known callers have been served, some at a time', () => {
    const { made, passed, wait } = road();
    made.pass();
    for (let round = 0; round < 250; round += 1) wait('other');
    expect(passed).toHaveLength(100);
    made.leave();
    made.tick();
    expect(passed).toHaveLength(150);
    wait('late');
    expect(made.size).toBe(101);
    for (let round = 0; round < 3; round += 1) made.tick();
    expect([made.size, passed.at(-1)]).toEqual([0, 'late']);
  });

  it('has room for so many and no more', () => {
    const { made, wait } = road();
    made.pass();
    let accepted = 0;
    while (wait('other')) accepted += 1;
    expect([accepted, made.size]).toEqual([10_100, 10_000]);
    made.close();
  });
});
