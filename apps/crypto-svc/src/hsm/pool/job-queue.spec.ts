import { describe, expect, it } from '@jest/globals';
import { JobQueue, type Job } from './job-queue.js';

function jobs(count: number, items = 1, submittedAt = 0) {
  const rejected: number[] = [];
  const made = Array.from({ length: count }, (_, index): Job => {
    const reject = () => rejected.push(index);
    return { operation: 'mac', fields: [], items, submittedAt, retried: false, resolve: () => undefined, reject };
  });
  return { made, rejected };
}

function queueOf(made: readonly Job[], maxJobs = 100): JobQueue {
  const queue = new JobQueue(maxJobs, 1000);
  for (const job of made) queue.add(job);
  return queue;
}

describe('JobQueue', () => {
  it('shares its jobs out to the free workers, oldest first', () => {
    const { made } = jobs(5);
    const queue = queueOf(made);
    expect(queue.take(2, 64)).toEqual(made.slice(0, 3));
    expect(queue.take(1, 64)).toEqual(made.slice(3));
  });

  it('keeps a message below its number of items, unless one job alone has more', () => {
    const { made } = jobs(3, 40);
    expect(queueOf(made).take(1, 64)).toHaveLength(1);
    expect(queueOf(jobs(1, 100).made).take(1, 64)).toHaveLength(1);
  });

  it('rejects what does not fit', () => {
    const { made, rejected } = jobs(3);
    expect(queueOf(made, 2).length).toBe(2);
    expect(rejected).toEqual([2]);
  });

  it('rejects what has waited too long', () => {
    const old = jobs(2, 1, 0);
    const young = jobs(1, 1, 500);
    const queue = queueOf([...old.made, ...young.made]);
    queue.rejectExpired(1001);
    expect(old.rejected).toEqual([0, 1]);
    expect(young.rejected).toEqual([]);
    expect(queue.length).toBe(1);
  });
});
