import { scheduler } from 'node:timers/promises';
import { unavailable } from '@oneclaw/errors';

const MAX_BUSY_MS = 10;

/** For loops that decide about many paths: policies can be made so that each takes milliseconds, and others are waiting. */
export class FairShare {
  private since = performance.now();

  /** @param deadline epoch milliseconds; nobody waits for the loop any longer. */
  constructor(private readonly deadline: number) {}

  /** Whether it is time for others. */
  get isUsedUp(): boolean {
    return performance.now() - this.since >= MAX_BUSY_MS;
  }

  /** Lets them run. Throws `unavailable` after the deadline. */
  async letOthersRun(): Promise<void> {
    if (Date.now() >= this.deadline)
      throw unavailable('The list took too long to put together. Ask for a smaller page.');
    await scheduler.yield();
    this.since = performance.now();
  }
}
