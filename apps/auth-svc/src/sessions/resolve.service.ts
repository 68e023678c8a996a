import { Injectable } from '@nestjs/common';
import { type Caller, TokenRefused } from '@oneclaw/caller';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { ApiKeyCallers } from '../api-keys/api-key-callers.js';
import type { IpRuleFacts } from '../ip-rules/ip-rule.entity.js';
import { IpRulesRepository } from '../ip-rules/ip-rules.repository.js';
import { looksPersonal } from '../api-keys/personal-key.js';
import { SessionTokens, type VerifiedSession } from '../tokens/session-tokens.js';
import { type Assertion, CallerAssertions } from './caller-assertions.js';
import { callerOf, endOf, refusalOf } from './current-caller.js';
import type { SessionState } from './session.entity.js';
import { SessionsRepository } from './sessions.repository.js';

interface Found {
  caller: Caller;
  /** When the session ends by itself; absent for an API key that does not. */
  endsAt: Date | undefined;
}

interface Refused {
  /** For the log. */
  refusal: string;
}

/** A resolved caller, or why there is none. */
export type Resolution = (Found & { assertion: Assertion }) | Refused;

export interface Resolved {
  resolutions: Resolution[];
  ipRules: IpRuleFacts[];
}

/** From bearer tokens to who calls now. Always reads the present state: only gateways cache, and they are told when to forget. */
@Injectable()
export class ResolveService {
  constructor(
    private readonly database: DataSource,
    private readonly tokens: SessionTokens,
    private readonly sessions: SessionsRepository,
    private readonly apiKeys: ApiKeyCallers,
    private readonly assertions: CallerAssertions,
    private readonly ipRules: IpRulesRepository,
  ) {}

  /** In the order of the tokens, which may be personal API keys; and the IP rules of the orgs whose callers they are. */
  async resolve(tokens: readonly string[], call: OutgoingCall): Promise<Resolved> {
    const [byKey, byToken] = await Promise.all([
      this.apiKeys.find(tokens.filter(looksPersonal), call),
      this.find(tokens.filter((token) => !looksPersonal(token))),
    ]);
    const found = tokens.map((token) => (byKey.get(token) ?? byToken.get(token)) as Found | Refused);
    const callers = found.flatMap((each) => ('caller' in each ? [each.caller] : []));
    const [assertions, ipRules] = await Promise.all([
      this.assertions.for(callers, call),
      this.ipRules.findFacts(this.database, [...new Set(callers.map(({ orgId }) => orgId))]),
    ]);
    const resolutions = found.map((each) =>
      'caller' in each ? { ...each, assertion: assertions.get(each.caller.sessionId) as Assertion } : each,
    );
    return { resolutions, ipRules };
  }

  /** By token. */
  private async find(tokens: readonly string[]): Promise<Map<string, Found | Refused>> {
    const verified = await Promise.all(tokens.map((token) => this.verify(token)));
    const ids = new Set(verified.flatMap((each) => ('jti' in each ? [each.jti] : [])));
    const states = await this.sessions.findStates(this.database, [...ids]);
    return new Map(tokens.map((token, index) => [token, foundOf(verified[index] as Verified, states)]));
  }

  private async verify(token: string): Promise<Verified> {
    try {
      return await this.tokens.verify(token);
    } catch (error) {
      if (error instanceof TokenRefused) return { refusal: error.reason };
      throw error;
    }
  }
}

type Verified = VerifiedSession | Refused;

function foundOf(verified: Verified, states: ReadonlyMap<string, SessionState>): Found | Refused {
  if ('refusal' in verified) return verified;
  const state = states.get(verified.jti);
  const refusal = refusalOf(verified, state);
  return refusal === undefined && state
    ? { caller: callerOf(verified, state), endsAt: endOf(verified, state) }
    : { refusal: refusal ?? 'unknown_session' };
}
