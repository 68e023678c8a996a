import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Ticker } from './ticker.js';

describe('a ticker', () => {
  let runs: number[];
  let outcome: () => Promise<boolean>;
  let errors: string[];
  let ticker: Ticker;

  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    runs = [];
    errors = [];
    outcome = async () => false;
    const task = () => (runs.push(Date.now()), outcome());
    ticker = new Ticker(task, { distanceMs: 50, idleMs: 500, onError: (error) => errors.push(error.message) });
    ticker.start();
  });

  afterEach(async () => {
    await ticker.stop();
    jest.useRealTimers();
  });

  const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

  it('runs from time to time by itself', async () => {
    await pass(1100);
    expect(runs).toEqual([0, 500, 1000]);
  });

  it('runs at once on a hint after a quiet time', async () => {
    await pass(300);
    ticker.hint();
    await pass(1);
    expect(runs).toEqual([0, 300]);
  });

  it('runs on a hint also after the wall clock was put back', async () => {
    await pass(100);
    jest.setSystemTime(-300_000);
    ticker.hint();
    await pass(100);
    expect(runs).toHaveLength(2);
  });

  it('keeps its distance under a storm of hints', async () => {
    const storm = setInterval(() => ticker.hint(), 1);
    await pass(500);
    clearInterval(storm);
    expect(runs.length).toBeGreaterThanOrEqual(9);
    expect(runs.length).toBeLessThanOrEqual(11);
  });

  it('goes on at once while there is more', async () => {
    outcome = async () => runs.length < 5;
    await pass(10);
    expect(runs).toHaveLength(5);
  });

  it('is never in the task twice, and does not forget a hint given meanwhile', async () => {
    let finish: () => void = () => undefined;
    await pass(300);
    outcome = () => new Promise((resolve) => (finish = () => resolve(false)));
    ticker.hint();
    await pass(100);
    ticker.hint();
    await pass(100);
    expect(runs).toEqual([0, 300]);
    outcome = async () => false;
    finish();
    await pass(1);
    expect(runs).toEqual([0, 300, 500]);
  });

  it('backs off after errors, and no further than ten seconds', async () => {
    outcome = () => Promise.reject(new Error('down'));
    await pass(120_000);
    const distances = runs.slice(1).map((at, index) => at - runs[index]!);
    expect(distances.slice(0, 5)).toEqual([500, 1000, 2000, 4000, 8000]);
    expect(Math.max(...distances)).toBe(10_000);
    expect(errors).toContain('down');
  });

  it('does not wait for the end of a long back-off when there is a hint', async () => {
    outcome = () => Promise.reject(new Error('down'));
    await pass(30_000);
    const before = runs.length;
    outcome = async () => false;
    ticker.hint();
    await pass(100);
    expect(runs.length).toBe(before + 1);
  });

  it('runs no more once stopped', async () => {
    await ticker.stop();
    ticker.hint();
    await pass(5000);
    expect(runs).toEqual([]);
  });
});
