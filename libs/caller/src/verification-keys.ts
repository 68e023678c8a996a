import { createPublicKey, type KeyObject } from 'node:crypto';

export interface VerificationKey {
  kid: string;
  /** Raw 32-byte Ed25519 point. */
  publicKey: Uint8Array;
}

const REFETCH_INTERVAL_MS = 1000;
const MAX_AGE_MS = 60_000;

/**
 * The public halves of the token-signing keys, by `kid`. An unknown `kid` fetches anew, at most once a second, so that a
 * new key generation needs no restart and made-up kids cost nothing. A failed fetch keeps the keys known so far; whether another `kid` is a
 * new one of ours cannot be told then, and `find` throws what the fetch threw.
 */
export class VerificationKeys {
  private keys = new Map<string, KeyObject>();
  private lastAttempt = Number.NEGATIVE_INFINITY;
  private loadedAt = Number.NEGATIVE_INFINITY;
  private fetching: Promise<void> | undefined;
  private failure: { cause: unknown } | undefined;

  constructor(
    private readonly fetchKeys: () => Promise<readonly VerificationKey[]>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async find(kid: string): Promise<KeyObject | undefined> {
    const stale = this.now() - this.loadedAt > MAX_AGE_MS;
    const known = this.keys.get(kid);
    if (known && !stale) return known;
    if (known) {
      void this.refresh().catch(() => undefined);
      return known;
    }
    await this.refresh();
    return this.keys.get(kid);
  }

  /** Of all keys that there are, asked for anew at most once a second. Throws what the fetch threw. */
  async ids(): Promise<string[]> {
    await this.refresh();
    return [...this.keys.keys()];
  }

  private async refresh(): Promise<void> {
    if (this.fetching) return this.fetching;
    if (this.keys.size > 0 && this.now() - this.lastAttempt < REFETCH_INTERVAL_MS) {
      if (this.failure) throw this.failure.cause;
      return;
    }
    this.lastAttempt = this.now();
    this.fetching = this.load().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async load(): Promise<void> {
    try {
      const fetched = await this.fetchKeys();
      this.keys = new Map(fetched.map((key) => [key.kid, toKeyObject(key.publicKey)]));
      this.loadedAt = this.now();
      this.failure = undefined;
    } catch (error) {
      this.failure = { cause: error };
      throw error;
    }
  }
}

function toKeyObject(point: Uint8Array): KeyObject {
  const x = Buffer.from(point).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
