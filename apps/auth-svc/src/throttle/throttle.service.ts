import { Injectable } from '@nestjs/common';
import { AttemptThrottle } from '@oneclaw/database';
import { DataSource } from 'typeorm';
import { type Subject, keyOf } from './throttle-keys.js';
import { type Policy, type PolicyWindow, POLICIES } from './throttle-policies.js';

/** Bounds how often passwords and codes can be tried, by the policies of this service. */
@Injectable()
export class Throttle {
  private readonly attempts: AttemptThrottle;

  constructor(database: DataSource) {
    this.attempts = new AttemptThrottle(database);
  }

  /**
   * Checks under the policy's limits. `check` answers what it found, or `undefined` for a wrong password or code, which counts; if it
   * throws, nothing was learned, and nothing counts. Throws `rate_limited`.
   */
  async guard<T>(policy: Policy, subject: Subject, check: () => Promise<T | undefined>): Promise<T | undefined> {
    return await this.attempts.guard(placesOf(policy, subject), check);
  }

  /** Counts what is limited however it ends. Throws `rate_limited`. */
  async count(policy: Policy, subject: Subject): Promise<void> {
    await this.attempts.guard(placesOf(policy, subject), async () => undefined);
  }
}

function placesOf(policy: Policy, subject: Subject) {
  const windows: readonly PolicyWindow[] = POLICIES[policy];
  return windows.map((window) => ({ key: keyOf(policy, window, subject), window }));
}
