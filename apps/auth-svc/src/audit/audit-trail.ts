import type { Caller } from '@oneclaw/caller';
import type { AuditFields } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';

/** From where a request came: the part of an audit event that no caller decides. */
export type Origin = Pick<AuditFields, 'ipAddress' | 'requestId'>;

export function originOf(call: CallContext): Origin {
  return { ipAddress: call.clientIp, requestId: call.requestId };
}

/** Who did it, in which org. */
export function actorOf(caller: Caller): Pick<AuditFields, 'orgId' | 'actorType' | 'actorId'> {
  return { orgId: caller.orgId, actorType: caller.type, actorId: caller.id };
}
