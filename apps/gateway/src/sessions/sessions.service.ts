import { Injectable } from '@nestjs/common';
import { TokenRefused } from '@oneclaw/caller';
import { unauthenticated } from '@oneclaw/errors';
import type { Logger } from '@oneclaw/telemetry';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { bearerToken, tokenHash } from './bearer-token.js';
import type { BearerStrategy } from './bearer.strategy.js';
import type { SessionCache } from './session-cache.js';
import type { SessionResolver } from './session-resolver.js';
import type { Session } from './session.js';

const MAX_VERIFIED = 20_000;

/** From bearer token to session: what is known at once, else verify locally, then ask auth-svc. */
@Injectable()
export class SessionsService {
  /** Token hash to expiry (epoch ms) of tokens whose signature was good: that does not change while auth-svc is asked anew. */
  private readonly verified = new LRUCache<string, number>({ max: MAX_VERIFIED });

  constructor(
    private readonly strategy: BearerStrategy,
    private readonly cache: SessionCache,
    private readonly resolver: SessionResolver,
    private readonly logger: Logger,
  ) {}

  /** The session of a request whose token was resolved a moment ago. */
  known(request: FastifyRequest): Session | undefined {
    const token = bearerToken(request.headers.authorization);
    return token === undefined ? undefined : this.cache.get(tokenHash(token));
  }

  /** Rejects with `unauthenticated`, or `unavailable` where auth-svc cannot be asked. */
  async authenticate(request: FastifyRequest): Promise<Session> {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) throw unauthenticated('This route needs an Authorization header with a bearer token.');
    const hash = tokenHash(token);
    if ((this.verified.get(hash) ?? 0) <= Date.now()) this.verified.set(hash, await this.verifyLocally(request));
    const ticket = this.cache.ticket();
    const session = await this.resolver.resolve({ token, requestId: request.id });
    this.cache.put(ticket, hash, session);
    return session;
  }

  /** The caller ended sessions through us: this gateway knows at once, the others hear of it. */
  forget(...keys: string[]): void {
    this.cache.invalidate(keys);
  }

  /** Answers when the token expires, epoch ms. */
  private async verifyLocally(request: FastifyRequest): Promise<number> {
    try {
      const { exp } = await this.strategy.verify(request);
      return (exp ?? 0) * 1000;
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      this.logger.debug({ requestId: request.id, reason: error.reason }, 'a token was refused');
      throw unauthenticated();
    }
  }
}
