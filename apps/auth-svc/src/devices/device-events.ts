import type { Caller } from '@oneclaw/caller';
import { auditEvent, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { actorOf, originOf } from '../audit/audit-trail.js';
import type { Attempt } from '../audit/refusals.service.js';
import type { Decision } from './device-login.entity.js';

/** What somebody tries who decides. */
export function attemptOf(caller: Caller, decision: Decision): Attempt {
  const action = decision === 'approved' ? 'auth.device_approve' : 'auth.device_deny';
  return { action, resourceType: 'user', resourceId: caller.id };
}

/** A denied device has failed to log in; an approved one is about to, and its session leaves an event of its own. */
export function decisionEvent(caller: Caller, call: CallContext, decision: Decision, clientId: string): OutboxEvent {
  const who = { ...actorOf(caller), ...originOf(call) };
  const device = { method: 'device', client_id: clientId };
  if (decision === 'approved') return auditEvent({ ...who, ...attemptOf(caller, decision), details: device });
  const details = { ...device, outcome: 'denied', reason: 'denied_by_user' };
  return auditEvent({ ...who, action: 'auth.failure', resourceType: 'user', resourceId: caller.id, details });
}
