import { setTimeout as pause } from 'node:timers/promises';
import { type DomainError, rateLimited } from '@oneclaw/errors';
import type { DataSource } from 'typeorm';
import { transaction } from '../transaction.js';
import { Admission, type Outcome, type Place } from './admission.js';
import { ThrottlesRepository } from './throttles.repository.js';

const POLL_MS = 25;
const LONGEST_POLL_MS = 400;
/** Then the attempts under way are taken for failures. */
const PATIENCE_MS = 4000;
/** Requests of this process that wait for others to end: beyond, they are refused at once. */
const MAX_WAITING = 200;

/**
 * Bounds how often passwords, codes and passphrases can be tried, over all replicas. An attempt takes its place in every window
 * before it is checked, and gives it back if it was right: however many come at once, no more are evaluated than the limits allow.
 * Those beyond wait for the ones before them, so that parallel attempts that are right all succeed.
 */
export class AttemptThrottle {
  private readonly throttles = new ThrottlesRepository();
  private waiting = 0;

  constructor(private readonly database: DataSource) {}

  /**
   * Checks under the limits of all places, whose keys must differ. `check` answers what it found, or `undefined` for a wrong guess,
   * which counts; if it throws, nothing was learned, and nothing counts. Throws `rate_limited`.
   */
  async guard<T>(places: readonly Place[], check: () => Promise<T | undefined>): Promise<T | undefined> {
    const admission = await this.admit(new Admission(places));
    let outcome: Outcome = 'undecided';
    try {
      const found = await check();
      outcome = found === undefined ? 'failure' : 'success';
      return found;
    } finally {
      await this.settle(admission, outcome);
    }
  }

  private async admit(admission: Admission): Promise<Admission> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (let poll = POLL_MS; ; poll = Math.min(LONGEST_POLL_MS, poll * 2)) {
      const verdict = await this.tryToEnter(admission);
      if (verdict.kind === 'admit') return admission;
      if (verdict.kind === 'refuse') throw tooMany(verdict.retryAfterMs);
      if (performance.now() > giveUpAt || this.waiting >= MAX_WAITING) throw tooMany(1000);
      await this.wait(poll);
    }
  }

  private async tryToEnter(admission: Admission) {
    return transaction(this.database, async (manager) => {
      const counters = await this.throttles.lock(manager, admission.keys);
      const verdict = admission.judge(counters);
      if (verdict.kind === 'admit') await this.throttles.store(manager, admission.enter(counters));
      return verdict;
    });
  }

  private async settle(admission: Admission, outcome: Outcome): Promise<void> {
    await transaction(this.database, async (manager) => {
      const counters = await this.throttles.lock(manager, admission.keys);
      await this.throttles.store(manager, admission.leave(counters, outcome));
    });
  }

  private async wait(ms: number): Promise<void> {
    this.waiting += 1;
    await pause(ms * (0.75 + Math.random() / 2)).finally(() => (this.waiting -= 1));
  }
}

function tooMany(retryAfterMs: number): DomainError {
  return rateLimited('Too many attempts. Try again later.', Math.max(1, Math.ceil(retryAfterMs / 1000)));
}
