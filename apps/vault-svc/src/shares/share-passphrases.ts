import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
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

const REMEMBERED_FOR_MS = 60_000;
const MAX_REMEMBERED = 1000;

/** argon2 is loaded by the first passphrase: most vaults never see one. */
const loadArgon2 = async () => (await import('argon2')).default;

interface Remembered {
  mac: Buffer;
  until: number;
}

/**
 * Passphrases of shares. Only their hashes are stored, and none is checked more often than the window allows, over all replicas. One that
 * was right is known again for a minute, by a MAC under a key of this process: those who have it come in numbers, and must not have to
 * wait for hashes, nor keep us busy with them.
 */
@Injectable()
export class SharePassphrases {
  private readonly queue: BoundedQueue;
  private readonly throttle: AttemptThrottle;
  private readonly macKey = randomBytes(32);
  /** By stored hash, oldest first. */
  private readonly right = new Map<string, Remembered>();

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
    const key = hash('sha256', JSON.stringify(['share_passphrase', shareId]), 'buffer');
    const normal = guess.normalize('NFC');
    const right = await this.throttle.guard([{ key, window: WINDOW }], async () => {
      const isRight = this.isKnown(passphraseHash, normal) || (await this.evaluate(passphraseHash, normal));
      return isRight || undefined;
    });
    return right === true;
  }

  private async evaluate(passphraseHash: string, guess: string): Promise<boolean> {
    const argon2 = await loadArgon2();
    const isRight = await this.queue.run(() => argon2.verify(passphraseHash, guess));
    if (isRight) this.remember(passphraseHash, guess);
    return isRight;
  }

  private isKnown(passphraseHash: string, guess: string): boolean {
    const known = this.right.get(passphraseHash);
    return known !== undefined && known.until > Date.now() && timingSafeEqual(known.mac, this.macOf(guess));
  }

  private remember(passphraseHash: string, guess: string): void {
    this.right.delete(passphraseHash);
    this.right.set(passphraseHash, { mac: this.macOf(guess), until: Date.now() + REMEMBERED_FOR_MS });
    if (this.right.size > MAX_REMEMBERED) this.right.delete(this.right.keys().next().value as string);
  }

  private macOf(guess: string): Buffer {
    return createHmac('sha256', this.macKey).update(guess).digest();
  }
}
