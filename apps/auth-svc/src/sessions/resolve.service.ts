import { Injectable } from '@nestjs/common';
import { type Caller, TokenRefused } from '@oneclaw/caller';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { SessionTokens, type VerifiedSession } from '../tokens/session-tokens.js';
import { type Assertion, CallerAssertions } from './caller-assertions.js';
import { callerOf, endOf, refusalOf } from './current-caller.js';
import { SessionsRepository } from './sessions.repository.js';

export interface Resolved {
  session: VerifiedSession;
  caller: Caller;
  assertion: Assertion;
  endsAt: Date;
}

/** A resolved caller, or why there is none (for the log). */
export type Resolution = Resolved | { refusal: string };

/** From bearer tokens to who calls now. Always reads the present state: only gateways cache, and they are told when to forget. */
@Injectable()
export class ResolveService {
  constructor(
    private readonly database: DataSource,
    private readonly tokens: SessionTokens,
    private readonly sessions: SessionsRepository,
    private readonly assertions: CallerAssertions,
  ) {}

  /** In the order of the tokens. */
  async resolve(tokens: readonly string[], call: OutgoingCall): Promise<Resolution[]> {
    const verified = await Promise.all(tokens.map((token) => this.verify(token)));
    const ids = new Set(verified.flatMap((each) => ('jti' in each ? [each.jti] : [])));
    const states = await this.sessions.findStates(this.database, [...ids]);
    const found = verified.map((each) => {
      if ('refusal' in each) return each;
      const state = states.get(each.jti);
      const refusal = refusalOf(each, state);
      return refusal === undefined && state
        ? { session: each, caller: callerOf(each, state), endsAt: endOf(each, state) }
        : { refusal: refusal ?? 'unknown_session' };
    });
    const callers = found.flatMap((each) => ('caller' in each ? [each.caller] : []));
    const assertions = await this.assertions.for(callers, call);
    return found.map((each) =>
      'caller' in each ? { ...each, assertion: assertions.get(each.caller.sessionId) as Assertion } : each,
    );
  }

  private async verify(token: string): Promise<VerifiedSession | { refusal: string }> {
    try {
      return await this.tokens.verify(token);
    } catch (error) {
      if (error instanceof TokenRefused) return { refusal: error.reason };
      throw error;
    }
  }
}
