import { randomBytes } from 'node:crypto';
import { BoundedQueue, Politeness } from '@oneclaw/coalesce';
import { unavailable } from '@oneclaw/errors';
import argon2 from 'argon2';

export interface HashingCost {
  memoryKib: number;
  iterations: number;
  /** Hashes computed at once; memory in use never exceeds concurrency × memoryKib. */
  concurrency: number;
}

/** A hash takes about 0.1 s, so a full line is served within the gateway's patience. */
const MAX_WAITING = 64;

/**
 * argon2id (RFC 9106) in libuv's pool, off the event loop, a bounded number at once. Passwords are NFC-normalised first, as
 * NIST SP 800-63B-4 asks, so that one password typed on two keyboards is one password.
 */
export class PasswordHasher {
  private readonly queue: BoundedQueue;
  private readonly options: { memoryCost: number; timeCost: number; parallelism: number };
  private dummyHash: Promise<string> | undefined;

  constructor(cost: HashingCost) {
    const politeness = new Politeness();
    this.queue = new BoundedQueue({
      concurrency: cost.concurrency,
      maxWaiting: MAX_WAITING,
      onOverflow: () => unavailable('Too many logins at once. Try again in a moment.'),
      restAfter: (tookMs) => politeness.restAfter(tookMs),
    });
    this.options = { memoryCost: cost.memoryKib, timeCost: cost.iterations, parallelism: 1 };
  }

  /** PHC string: "$argon2id$v=19$m=…". */
  hash(password: string): Promise<string> {
    return this.queue.run(() => argon2.hash(password.normalize('NFC'), this.options));
  }

  /**
   * Whether the password is the one of the hash. Without a hash (unknown address, account without a password) the same work is
   * done on a hash that no password has, so that the time tells nothing.
   */
  async verify(hash: string | undefined, password: string): Promise<boolean> {
    const comparedWith = hash ?? (await this.dummy());
    const matches = await this.queue.run(() => argon2.verify(comparedWith, password.normalize('NFC')));
    return matches && hash !== undefined;
  }

  /** Whether the hash was made at another cost than today's. */
  isOutdated(hash: string): boolean {
    return argon2.needsRehash(hash, this.options);
  }

  /** Made before the first login, so that the first unknown address takes no longer than the next. */
  async warmUp(): Promise<void> {
    await this.dummy();
  }

  private dummy(): Promise<string> {
    this.dummyHash ??= this.hash(randomBytes(32).toString('base64')).catch((error: unknown) => {
      this.dummyHash = undefined;
      throw error;
    });
    return this.dummyHash;
  }
}
