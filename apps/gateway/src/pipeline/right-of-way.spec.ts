import { afterEach, describe, expect, it } from '@jest/globals';
import { RightOfWay } from './right-of-way.js';

const open: RightOfWay[] = [];
afterEach(() => open.splice(0).forEach((each) => each.close()));

function road() {
  const clock = { now: 0 };
  const made = new RightOfWay(() => clock.now);
  open.push(made);
  const passed: string[] = [];
  const wait = (name = 'other') => made.wait(() => passed.push(name));
  const others = (count: number) => {
    for (let other = 0; other < count; other += 1) wait();
  };
  /** Lets time pass, a tick of the queue at a time. */
  const run = (ms: number, eachTick: () => void = () => undefined) => {
    for (let tick = 0; tick < ms; tick += 5) {
      clock.now += 5;
      eachTick();
      made.tick();
    }
  };
  return { clock, made, passed, wait, others, run };
}

describe('the right of way', () => {
  it('lets everybody go at once where there is nobody to give way to', () => {
    const { made, passed, others } = road();
    others(5000);
    expect([passed.length, made.size]).toEqual([5000, 0]);
  });

  it('gives everybody else a share of what known callers take, and a little besides', () => {
    const { made, passed, others, run } = road();
    made.pass();
    others(50);
    run(1000, () => {
      for (let known = 0; known < 20; known += 1) made.pass();
      others(25);
      for (let known = 0; known < 20; known += 1) made.leave();
    });
    // 50 that were there, 4,000 known callers' quarter, and 200.
    expect(passed).toHaveLength(50 + 1000 + 200);
    expect(made.size).toBe(50 + 25 * 200 - 1250);
  });

  it('is not lost between one batch of answers and the next requests', () => {
    const { made, passed, others, run } = road();
    run(1000, () => {
      for (let known = 0; known < 32; known += 1) made.pass();
      for (let known = 0; known < 32; known += 1) made.leave();
      others(100);
    });
    expect(passed.length).toBeLessThanOrEqual(50 + 1600 + 200);
  });

  it('starves nobody: they go one after the other, in the order in which they came', () => {
    const { made, passed, wait, others, run } = road();
    made.pass();
    others(50);
    ['a', 'b', 'c'].forEach(wait);
    expect(passed).toHaveLength(50);
    run(15);
    expect(passed.slice(50)).toEqual(['a', 'b', 'c']);
  });

  it('costs nothing where requests turn out well', () => {
    const { made, passed, wait, others, run } = road();
    made.pass();
    others(50);
    for (let login = 0; login < 30; login += 1) {
      made.giveBack();
      wait('login');
    }
    expect([passed.filter((name) => name === 'login').length, made.size]).toEqual([30, 0]);
    wait('refused');
    expect(made.size).toBe(1);
    run(5);
    expect(made.size).toBe(0);
  });

  it('ends a moment after the last known caller was served, and what waits goes some at a time', () => {
    const { clock, made, passed, wait, others } = road();
    made.pass();
    others(250);
    expect(passed).toHaveLength(50);
    made.leave();
    clock.now += 49.9;
    made.tick();
    expect(passed).toHaveLength(59);
    clock.now += 0.1;
    made.tick();
    expect(passed).toHaveLength(109);
    wait('late');
    for (let round = 0; round < 3; round += 1) made.tick();
    expect([made.size, passed.at(-1)]).toEqual([0, 'late']);
  });

  it('has room for so many and no more', () => {
    const { made, wait } = road();
    made.pass();
    let accepted = 0;
    while (wait()) accepted += 1;
    expect([accepted, made.size]).toEqual([10_050, 10_000]);
  });
});
