import { auditEvent, type AuditFields, type OutboxEvent } from '@oneclaw/events';
import type { Session } from '../sessions/session.entity.js';
import type { Origin } from './audit-trail.js';

/** How somebody proved, or failed to prove, who they are. */
export type AuthMethod =
  | 'signup'
  | 'password'
  | 'agent_key'
  | 'client_certificate'
  | 'client_assertion'
  | 'api_key'
  | 'totp'
  | 'recovery_code'
  | 'email_verification'
  | 'device'
  | 'google';

/** Commits before the session's token is handed out. */
export function authSuccess(session: Session, method: AuthMethod, origin: Origin): OutboxEvent {
  return auditEvent({
    orgId: session.orgId,
    actorType: session.principalType,
    actorId: session.principalId,
    action: 'auth.success',
    resourceType: 'session',
    resourceId: session.id,
    details: { method },
    ...origin,
  });
}

/** What was tried, in which org; without an org where nobody is known by the address or key, which then is not kept either. */
export interface FailedAuth extends Pick<AuditFields, 'orgId' | 'resourceType' | 'resourceId'> {
  method: AuthMethod;
  reason: string;
}

/** The actor is anonymous: the account that was tried is the resource, not who did it. */
export function authFailure({ method, reason, ...tried }: FailedAuth, origin: Origin): OutboxEvent {
  const details = { method, outcome: 'denied', reason };
  return auditEvent({ ...tried, actorType: 'anonymous', action: 'auth.failure', details, ...origin });
}

export function authLogout(
  session: Pick<Session, 'id' | 'orgId' | 'principalType' | 'principalId'>,
  origin: Origin,
): OutboxEvent {
  return auditEvent({
    orgId: session.orgId,
    actorType: session.principalType,
    actorId: session.principalId,
    action: 'auth.logout',
    resourceType: 'session',
    resourceId: session.id,
    ...origin,
  });
}
