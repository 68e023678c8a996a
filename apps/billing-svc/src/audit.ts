import type { Caller } from '@oneclaw/caller';
import { type AuditAction, auditEvent, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';

type Details = Readonly<Record<string, unknown>>;

function eventBy(caller: Caller, call: CallContext, action: AuditAction, orgId: string, details: Details): OutboxEvent {
  return auditEvent({
    orgId: caller.orgId,
    actorType: caller.type,
    actorId: caller.id,
    action,
    resourceType: 'org',
    resourceId: orgId,
    details,
    ipAddress: call.clientIp,
    requestId: call.requestId,
  });
}

/** Somebody changed how their org pays. */
export function billingEvent(
  action: Extract<AuditAction, `billing.${string}`>,
  caller: Caller,
  call: CallContext,
  details: Details,
): OutboxEvent {
  return eventBy(caller, call, action, caller.orgId, details);
}

/** Somebody of the platform changed something of an org: in the platform's trail, where its admins look. */
export function adminEvent(
  action: Extract<AuditAction, `admin.${string}`>,
  caller: Caller,
  call: CallContext,
  orgId: string,
  details: Details,
): OutboxEvent {
  return eventBy(caller, call, action, orgId, details);
}
