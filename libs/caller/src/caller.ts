import { permissionDenied, unauthenticated } from '@oneclaw/errors';

export type PrincipalType = 'user' | 'agent';
export type Role = 'owner' | 'admin' | 'member';
export type SessionKind = 'password' | 'google' | 'device' | 'api_key' | 'agent';

/** Who calls, as auth-svc found it at most 60 seconds ago (and unfound within one second of a change). */
export interface Caller {
  type: PrincipalType;
  /** UUID of the user or agent. */
  id: string;
  orgId: string;
  /** Humans only. */
  role?: Role;
  /** Identifies the session: the token's jti, or the personal API key's id. */
  sessionId: string;
  sessionKind: SessionKind;
  /** Path patterns that bound every secret operation; empty = no ceiling. */
  pathScopes: string[];
  /** Areas an API key is limited to, e.g. "secrets:read"; empty = no limit. */
  areaScopes: string[];
  /** Agents: the vaults it may touch; empty = all of its org. */
  vaultIds: string[];
  /** Agents: signs transactions, so it never reads signing keys. On when the flag or the token says so. */
  intentsEnabled: boolean;
}

/** "user:<uuid>" or "agent:<uuid>", as in a token's `sub` and a version's `created_by`. */
export function subjectOf(caller: Pick<Caller, 'type' | 'id'>): string {
  return `${caller.type}:${caller.id}`;
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
