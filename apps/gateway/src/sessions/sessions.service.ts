import { Injectable } from '@nestjs/common';
import { TokenRefused, tokenRefusal } from '@oneclaw/caller';
import { isDomainError, unauthenticated } from '@oneclaw/errors';
import type { Logger } from '@oneclaw/telemetry';
import { LRUCache } from 'lru-cache';
import type { SessionCall } from '../api/api-call.js';
import { bearerToken, type Credentials, isPersonalKey, tokenHash } from './bearer-token.js';
import type { BearerStrategy } from './bearer.strategy.js';
import type { SessionCache } from './session-cache.js';
import type { Question, SessionResolver } from './session-resolver.js';
import { RefusedTokens } from './refused-tokens.js';
import { type Session, renewalAfter } from './session.js';

const MAX_VERIFIED = 20_000;
const AGAIN_MS = 10_000;

/** From bearer token to session: what is known at once, else verify locally, then ask auth-svc, which alone knows personal API keys. */
@Injectable()
export class SessionsService {
  /** Token hash to expiry (epoch ms) of tokens whose signature was good: that does not change while auth-svc is asked anew. */
  private readonly verified = new LRUCache<string, number>({ max: MAX_VERIFIED });
  private readonly refused = new RefusedTokens();
  /** Hashes of tokens that stood for somebody when they were last asked about. */
  private readonly familiar = new LRUCache<string, true>({ max: MAX_VERIFIED });

  constructor(
    private readonly strategy: BearerStrategy,
    private readonly cache: SessionCache,
    private readonly resolver: SessionResolver,
    private readonly logger: Logger,
  ) {}

  /** For a request that goes on behind the begin of its answer: who calls as of now, and time of its own. */
  async again(call: SessionCall): Promise<SessionCall> {
    const request = { id: call.requestId, headers: { authorization: call.authorization } };
    const session = this.known(request) ?? (await this.authenticate(request));
    return { ...call, session, assertion: session.assertion, deadline: Date.now() + AGAIN_MS };
  }

  /** The session of a request whose token was resolved a moment ago. Towards its end it is renewed, and nobody waits for that. */
  known(request: Credentials): Session | undefined {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) return undefined;
    const hash = tokenHash(token);
    const session = this.cache.get(hash);
    if (session && session.renewFrom <= Date.now()) void this.renew(session, hash, { token, requestId: request.id });
    return session;
  }

  /**
   * Whether the token was good the last time, also while sessions have to be asked for anew because auth-svc is not heard. It says who goes first
   * under load, and gives no rights.
   */
  isFamiliar(request: Credentials): boolean {
    const token = bearerToken(request.headers.authorization);
    return token !== undefined && this.familiar.has(tokenHash(token));
  }

  /** Rejects with `unauthenticated`, or `unavailable` where auth-svc cannot be asked. */
  async authenticate(request: Credentials): Promise<Session> {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) throw unauthenticated('This route needs an Authorization header with a bearer token.');
    const hash = tokenHash(token);
    if (this.refused.has(hash)) throw unauthenticated();
    try {
      if (!isPersonalKey(token)) await this.verifyLocally(hash, request);
      return await this.resolve(hash, { token, requestId: request.id });
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      this.logger.debug({ requestId: request.id, reason: error.reason }, 'a token was refused');
      this.familiar.delete(hash);
      this.refused.add(hash, error.reason);
      throw tokenRefusal(error);
    }
  }

  /** Who comes where nobody has to say: a missing or bad token is nobody. Rejects where auth-svc cannot be asked. */
  async identify(request: Credentials): Promise<Session | undefined> {
    if (bearerToken(request.headers.authorization) === undefined) return undefined;
    try {
      return this.known(request) ?? (await this.authenticate(request));
    } catch (error) {
      if (isDomainError(error, 'unauthenticated')) return undefined;
      throw error;
    }
  }

  /** The caller ended sessions through us: this gateway knows at once, the others hear of it. */
  forget(...keys: string[]): void {
    this.cache.invalidate(keys);
  }

  private async resolve(hash: string, question: Question): Promise<Session> {
    const ticket = this.cache.ticket();
    const session = await this.resolver.resolve(question);
    this.familiar.set(hash, true);
    this.cache.put(ticket, hash, session);
    return session;
  }

  /** Where nobody can be vouched for at the moment, the session serves on to its end. */
  private async renew(session: Session, hash: string, question: Question): Promise<void> {
    session.renewFrom = renewalAfter();
    try {
      await this.resolve(hash, question);
    } catch (error) {
      if (error instanceof TokenRefused) this.forget(`jti:${session.jti}`);
      else this.logger.debug({ requestId: question.requestId, err: error }, 'a session could not be renewed');
    }
  }

  private async verifyLocally(hash: string, request: Credentials): Promise<void> {
    if ((this.verified.get(hash) ?? 0) > Date.now()) return;
    const { exp } = await this.strategy.verify(request);
    this.verified.set(hash, (exp ?? 0) * 1000);
  }
}
