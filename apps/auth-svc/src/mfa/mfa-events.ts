import type { Caller } from '@oneclaw/caller';
import { auditEvent, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { actorOf, originOf } from '../audit/audit-trail.js';

/** What somebody did with their own second factor. */
export function mfaEvent(
  action: 'mfa.enable' | 'mfa.disable',
  caller: Caller,
  call: CallContext,
  details: Record<string, unknown> = {},
): OutboxEvent {
  return auditEvent({
    ...actorOf(caller),
    action,
    resourceType: 'user',
    resourceId: caller.id,
    details,
    ...originOf(call),
  });
}
