import type { IpRules } from '@oneclaw/caller/ip-rules';
import type { ResolvedCaller } from '@oneclaw/contracts/auth';
import { internal } from '@oneclaw/errors';

/** Who a bearer token stands for, as auth-svc found it, with the assertion that proves it to the other services. */
export interface Session {
  type: 'user' | 'agent';
  /** UUID of the user or agent. */
  id: string;
  orgId: string;
  /** owner, admin or member; empty for agents. */
  role: string;
  /** password, google, device, api_key or agent. */
  kind: string;
  /** Of the token, or the id of the personal API key. */
  jti: string;
  /** The areas that the personal API key is limited to, such as "secrets:read"; empty = all. */
  areaScopes: readonly string[];
  /** Whether it is a session of a personal API key with scopes of any kind. */
  scoped: boolean;
  /** Of the org; absent where it has none. */
  ipRules?: IpRules;
  assertion: string;
  /** Epoch milliseconds until which it may be used without asking again. */
  usableUntil: number;
  /** Epoch milliseconds from which on it is to be asked for again, while it still serves. */
  renewFrom: number;
}

/** An assertion is not used in its last seconds, so that it is still valid when the last service verifies it. */
const ASSERTION_MARGIN_MS = 10_000;
/** Renewed so long before its end, the session of an active caller outlives an HSM that answers nothing for half a minute. */
const RENEWAL_MS = 35_000;
const RENEWAL_PAUSE_MS = 1000;

export function toSession(caller: ResolvedCaller | undefined, ipRules?: IpRules): Session {
  if (!caller?.assertionExpiresAt || !caller.tokenExpiresAt)
    throw internal('auth-svc resolved a caller without its times');
  if (caller.principalType !== 'user' && caller.principalType !== 'agent') {
    throw internal(`auth-svc resolved a caller of the unknown type ${caller.principalType}`);
  }
  const usableUntil = Math.min(
    caller.assertionExpiresAt.getTime() - ASSERTION_MARGIN_MS,
    caller.tokenExpiresAt.getTime(),
  );
  return {
    type: caller.principalType,
    id: caller.principalId,
    orgId: caller.orgId,
    role: caller.role,
    kind: caller.sessionKind,
    jti: caller.jti,
    areaScopes: caller.areaScopes,
    scoped: caller.scoped,
    ...(ipRules ? { ipRules } : {}),
    assertion: caller.assertion,
    usableUntil,
    renewFrom: renewalAfter(usableUntil - RENEWAL_MS),
  };
}

/** Not at once again, whatever the clocks of others say. */
export function renewalAfter(time = 0): number {
  return Math.max(time, Date.now() + RENEWAL_PAUSE_MS);
}

/** The keys under which auth-svc voids this session. */
export function invalidationKeys(session: Session): string[] {
  return [`jti:${session.jti}`, `${session.type}:${session.id}`, `org:${session.orgId}`];
}
