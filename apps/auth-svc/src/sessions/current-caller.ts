import type { Caller } from '@oneclaw/caller';
import { areaScopesOf } from '../api-keys/api-key-scope.js';
import type { VerifiedSession } from '../tokens/session-tokens.js';
import type { SessionState } from './session.entity.js';

/** Why the holder of a well-signed token is refused all the same; for the log. `undefined` = may go on. */
export function refusalOf(session: VerifiedSession, state: SessionState | undefined): string | undefined {
  if (!state) return 'unknown_session';
  if (state.principalType !== session.principalType || state.principalId !== session.principalId)
    return 'wrong_subject';
  if (state.orgId !== session.orgId) return 'wrong_org';
  if (state.revoked) return 'revoked';
  if (state.credentialsUnchanged === null) return 'principal_gone';
  if (state.principalType === 'user' && state.role === null) return 'not_a_member';
  if (state.kind === 'api_key' && !state.keyUsable) return 'api_key_ended';
  if (state.principalType === 'agent' && !state.agentActive) return 'agent_inactive';
  if (state.principalType === 'agent' && state.agentExpired) return 'agent_expired';
  return state.credentialsUnchanged ? undefined : 'credentials_changed';
}

/** The holder as things stand now. A token's claims add nothing, but for the Intents flag, which either side turns on. */
export function callerOf(session: VerifiedSession, state: SessionState): Caller {
  return {
    type: state.principalType,
    id: state.principalId,
    orgId: state.orgId,
    ...(state.role === null ? {} : { role: state.role }),
    sessionId: state.id,
    sessionKind: state.kind,
    pathScopes: pathScopesOf(state.scopes ?? []),
    areaScopes: state.kind === 'api_key' ? areaScopesOf(state.scopes ?? []) : [],
    vaultIds: state.vaultIds ?? [],
    intentsEnabled: state.principalType === 'agent' && (state.intentsEnabled === true || session.intentsEnabled),
    ...(state.email === null ? {} : { email: state.email, emailVerified: state.emailVerified === true }),
    ...(state.registeredBy === null ? {} : { registeredBy: state.registeredBy }),
  };
}

/** When the session ends by itself: with its token, or with its agent if that expires first. */
export function endOf(session: VerifiedSession, state: SessionState): Date {
  const tokenEnd = session.expiresAt * 1000;
  return new Date(Math.min(tokenEnd, state.agentExpiresAt?.getTime() ?? tokenEnd));
}

/** Entries with a colon are labels, the others a ceiling on paths; a lone "*" is no ceiling. Empty = no ceiling. */
export function pathScopesOf(scopes: readonly string[]): string[] {
  const paths = scopes.filter((scope) => !scope.includes(':'));
  return paths.length === 1 && paths[0] === '*' ? [] : paths;
}
