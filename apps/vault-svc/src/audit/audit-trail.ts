import type { Principal } from '@oneclaw/caller';
import { NIL_UUID, type AuditFields } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';

/** From where a request came: the part of an audit event that no caller decides. */
export type Origin = Pick<AuditFields, 'ipAddress' | 'requestId'>;

/** Who did it, in which org. */
export type Actor = Pick<AuditFields, 'orgId' | 'actorType' | 'actorId'>;

export function originOf(call: CallContext): Origin {
  return { ipAddress: call.clientIp, requestId: call.requestId };
}

export function actorOf({ orgId, type, id }: Pick<Principal, 'orgId' | 'type' | 'id'>): Actor {
  return { orgId, actorType: type, actorId: id };
}

/** The product itself, acting within an org. */
export function systemActor(orgId: string): Actor {
  return { orgId, actorType: 'system', actorId: NIL_UUID };
}
