import { permissionDenied, unauthenticated } from '@oneclaw/errors';

export type PrincipalType = 'user' | 'agent';
export type Role = 'owner' | 'admin' | 'member';
export type SessionKind = 'password' | 'google' | 'device' | 'api_key' | 'agent';

/** A user or agent of an org, with what bounds every secret operation of theirs. */
export interface Principal {
  type: PrincipalType;
  /** UUID of the user or agent. */
  id: string;
  orgId: string;
  /** Path patterns, a ceiling; empty = none. */
  pathScopes: string[];
  /** Agents: the vaults it may touch; empty = all of its org. */
  vaultIds: string[];
  /** Agents: signs transactions, so it never reads signing keys. Of a caller: on when the flag or the token says so. */
  intentsEnabled: boolean;
}

/** Who calls, as auth-svc found it at most 60 seconds ago (and unfound within one second of a change). */
export interface Caller extends Principal {
  /** Humans only. */
  role?: Role;
  /** Identifies the session: the token's jti, or the personal API key's id. */
  sessionId: string;
  sessionKind: SessionKind;
  /** Areas an API key is limited to, e.g. "secrets:read"; empty = no limit. */
  areaScopes: string[];
  /** Humans: the address of their account, as given. */
  email?: string;
  /** Humans: whether the address has been proven to be theirs. */
  emailVerified?: boolean;
  /** Agents: UUID of the human who registered it; absent once that human has left the org. */
  registeredBy?: string;
}

/** "user:<uuid>" or "agent:<uuid>", as in a token's `sub` and a version's `created_by`. */
export function subjectOf(principal: Pick<Principal, 'type' | 'id'>): string {
  return `${principal.type}:${principal.id}`;
}

/** Owner or admin of the org. */
export function isManager(caller: Caller): boolean {
  return caller.type === 'user' && (caller.role === 'owner' || caller.role === 'admin');
}

/** For RPCs that make no sense without a caller; optionally of one type. */
export function requireCaller(caller: Caller | undefined, type?: PrincipalType): Caller {
  if (!caller) throw unauthenticated();
  if (type && caller.type !== type) {
    throw permissionDenied(type === 'user' ? 'Agents may not do this.' : 'Only agents may do this.');
  }
  return caller;
}
