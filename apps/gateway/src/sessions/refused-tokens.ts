import { LRUCache } from 'lru-cache';

const MAX_REFUSED = 20_000;

/** Reasons that no later moment takes back. A new key or an agent that is switched on again can mend the others. */
const FOR_GOOD = new Set([
  'malformed',
  'wrong_algorithm',
  'wrong_type',
  'foreign_key_header',
  'bad_signature',
  'wrong_issuer',
  'wrong_audience',
  'unknown_session',
  'revoked',
  'credentials_changed',
  'api_key_unknown_key',
]);

/** Nothing comes back to life but by a clock, here or at auth-svc, that was ahead and has been put right. */
const FOR_A_WHILE = new Set(['expired']);
const A_WHILE_MS = 5000;

/** Hashes of tokens that stand for nobody, now or for good, so that a client that goes on with a dead one costs no signature and no RPC. */
export class RefusedTokens {
  private readonly hashes: LRUCache<string, true>;

  constructor(now: () => number = () => performance.now()) {
    this.hashes = new LRUCache({ max: MAX_REFUSED, ttlResolution: 0, perf: { now } });
  }

  add(hash: string, reason: string): void {
    if (FOR_GOOD.has(reason)) this.hashes.set(hash, true);
    if (FOR_A_WHILE.has(reason)) this.hashes.set(hash, true, { ttl: A_WHILE_MS });
  }

  has(hash: string): boolean {
    return this.hashes.get(hash) === true;
  }
}
