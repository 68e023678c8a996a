import { HsmUnavailable, type HsmError } from '../hsm.errors.js';
import type { Operation } from './messages.js';

export interface Job {
  operation: Operation;
  /** Packed only when sent, so that a job can be sent again after a recovery. */
  fields: readonly Uint8Array[];
  items: number;
  submittedAt: number;
  /** It has met a failing device once already. */
  retried: boolean;
  resolve: (fields: Buffer[]) => void;
  reject: (error: Error) => void;
}

/** Bounded, first in, first out; nobody waits longer than `maxWaitMs`. */
export class JobQueue {
  private jobs: Job[] = [];

  constructor(
    private readonly maxJobs: number,
    private readonly maxWaitMs: number,
  ) {}

  get length(): number {
    return this.jobs.length;
  }

  add(job: Job): void {
    if (this.jobs.length < this.maxJobs) this.jobs.push(job);
    else job.reject(new HsmUnavailable('Too many calls wait for the HSM.'));
  }

  addFirst(job: Job): void {
    this.jobs.unshift(job);
  }

  /** About one part of `parts`, at least one job, at most `maxItems` items unless a single job has more. */
  take(parts: number, maxItems: number): Job[] {
    const share = Math.ceil(this.jobs.length / parts);
    let count = 0;
    let items = 0;
    for (const job of this.jobs.slice(0, share)) {
      items += job.items;
      if (count > 0 && items > maxItems) break;
      count += 1;
    }
    return this.jobs.splice(0, count);
  }

  rejectAll(error: HsmError): void {
    for (const job of this.jobs.splice(0)) job.reject(error);
  }

  /** Jobs are in order of arrival, apart from retried ones at the front, which are older still. */
  rejectExpired(now: number): void {
    while (this.jobs.length > 0 && now - this.jobs[0]!.submittedAt > this.maxWaitMs) {
      this.jobs.shift()!.reject(new HsmUnavailable('The HSM did not answer in time.'));
    }
  }
}
