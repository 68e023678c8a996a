import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { BoundedQueue, Politeness } from '@oneclaw/coalesce';
import { AttemptThrottle, type Window } from '@oneclaw/database';
import { unavailable } from '@oneclaw/errors';
import { DataSource } from 'typeorm';

/** Five wrong guesses close a share for fifteen minutes (contract, section 7). A right one excuses none of them. */
const WINDOW: Window = { limit: 5, ms: 15 * 60_000 };

/** argon2id at OWASP's minimum: 19 MiB, two passes, one lane. One hash at a time bounds what guessing costs us. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const MAX_WAITING = 64;

/** argon2 is loaded by the first passphrase: most vaults never see one. */
const loadArgon2 = async () => (await import('argon2')).default;

/** Passphrases of shares. None is kept, only its hash; none is checked more often than the window allows, over all replicas. */
@Injectable()
export class SharePassphrases {
  private readonly queue: BoundedQueue;
  private readonly throttle: AttemptThrottle;

  constructor(database: DataSource) {
    const politeness = new Politeness();
    this.throttle = new AttemptThrottle(database);
    this.queue = new BoundedQueue({
      concurrency: 1,
      maxWaiting: MAX_WAITING,
      onOverflow: () => unavailable('Too many passphrases at once. Try again in a moment.'),
      restAfter: (tookMs) => politeness.restAfter(tookMs),
    });
  }

  /** argon2id PHC string. NFC, so that one passphrase typed on two keyboards is one. */
  async hash(passphrase: string): Promise<string> {
    const argon2 = await loadArgon2();
    return await this.queue.run(() => argon2.hash(passphrase.normalize('NFC'), COST));
  }

  /** Whether a guess is right. Throws `rate_limited` where it is not looked at. */
  async verify(shareId: string, passphraseHash: string, guess: string): Promise<boolean> {
    const argon2 = await loadArgon2();
    const key = hash('sha256', JSON.stringify(['share_passphrase', shareId]), 'buffer');
    const right = await this.throttle.guard([{ key, window: WINDOW }], () =>
      this.queue.run(async () => (await argon2.verify(passphraseHash, guess.normalize('NFC'))) || undefined),
    );
    return right === true;
  }
}
