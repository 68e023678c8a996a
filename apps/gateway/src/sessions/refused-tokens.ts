import { LRUCache } from 'lru-cache';

const MAX_REFUSED = 20_000;

/** Reasons that no later moment takes back. A new key, a clock or an agent that is switched on again can mend the others. */
const FOR_GOOD = new Set([
  'malformed',
  'wrong_algorithm',
  'wrong_type',
  'foreign_key_header',
  'bad_signature',
  'wrong_issuer',
  'wrong_audience',
  'expired',
  'unknown_session',
  'revoked',
  'credentials_changed',
  'api_key_unknown_key',
]);

/** Hashes of tokens that will never stand for anybody, so that a client that goes on with a dead one costs no signature and no RPC. */
export class RefusedTokens {
  private readonly hashes = new LRUCache<string, true>({ max: MAX_REFUSED });

  add(hash: string, reason: string): void {
    if (FOR_GOOD.has(reason)) this.hashes.set(hash, true);
  }

  has(hash: string): boolean {
    return this.hashes.get(hash) === true;
  }
}
