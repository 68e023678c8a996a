import { networkOf } from '@oneclaw/caller';
import { rateLimited } from '@oneclaw/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BucketName } from '../api/operation.js';
import type { TokenBuckets } from './token-buckets.js';

export interface RateLimits {
  general: TokenBuckets;
  /** Stricter ones of single operations. */
  own: Readonly<Record<BucketName, TokenBuckets>>;
}

/** The general bucket of the client's address, then the operation's own, if it has one. */
export function limitRateStep({ general, own }: RateLimits) {
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const key = networkOf(request.clientIp);
    const bucket = request.operation?.bucket;
    const wait = general.take(key) || (bucket ? own[bucket].take(key) : 0);
    if (wait === 0) done();
    else done(rateLimited('Too many requests from this address. Try again later.', Math.ceil(wait)));
  };
}
