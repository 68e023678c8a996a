import type { Caller } from '@oneclaw/caller';
import { auditEvent, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { actorOf, originOf, systemActor, type Actor, type Origin } from '../audit/audit-trail.js';
import type { KekRotation } from './kek-rotation.entity.js';

const ACTION = 'vault.rotate_kek';

export function startEvent(caller: Caller, rotation: KekRotation, call: CallContext): OutboxEvent {
  return eventOf({ ...actorOf(caller), ...originOf(call) }, rotation, { total_versions: rotation.totalVersions });
}

export function endEvent(orgId: string, rotation: KekRotation): OutboxEvent {
  const { rewrapped, damaged } = rotation;
  return eventOf(systemActor(orgId), rotation, { rewrapped, damaged });
}

function eventOf(by: Actor & Partial<Origin>, { id, vaultId, status }: KekRotation, counts: Record<string, number>) {
  const details = { vault_id: vaultId, rotation_id: id, status, ...counts };
  return auditEvent({ ...by, action: ACTION, resourceType: 'vault', resourceId: vaultId, details });
}
