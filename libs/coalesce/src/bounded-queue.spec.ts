import { describe, expect, it } from '@jest/globals';
import { BoundedQueue } from './bounded-queue.js';

/** Jobs that end when told to, and a record of how many ran at once. */
function workshop() {
  const ends: (() => void)[] = [];
  const seen = { running: 0, most: 0 };
  const job = async () => {
    seen.running += 1;
    seen.most = Math.max(seen.most, seen.running);
    await new Promise<void>((resolve) => ends.push(resolve));
    seen.running -= 1;
  };
  return { job, ends, seen };
}

const queueOf = (concurrency: number, maxWaiting: number) =>
  new BoundedQueue({ concurrency, maxWaiting, onOverflow: () => new Error('full') });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a bounded queue', () => {
  it('never runs more jobs at once than it may, and runs them all', async () => {
    const queue = queueOf(2, 10);
    const { job, ends, seen } = workshop();
    const all = Promise.all(Array.from({ length: 7 }, () => queue.run(job)));
    for (let ended = 0; ended < 7; ended += 1) {
      await turn();
      ends.shift()!();
    }
    await all;
    expect(seen).toEqual({ running: 0, most: 2 });
  });

  it('refuses what would wait in too long a line', async () => {
    const queue = queueOf(1, 1);
    const { job, ends } = workshop();
    const accepted = [queue.run(job), queue.run(job)];
    await expect(queue.run(job)).rejects.toThrow('full');
    ends.shift()!();
    await turn();
    ends.shift()!();
    await Promise.all(accepted);
  });

  it('gives the place of a job that failed to the next one', async () => {
    const queue = queueOf(1, 1);
    const failing = queue.run(() => Promise.reject(new Error('no')));
    const next = queue.run(() => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('done');
  });
});
