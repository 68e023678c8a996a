import type { Caller } from '@oneclaw/caller';
import { type AuditAction, auditEvent, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { actorOf, originOf, systemActor, type Actor, type Origin } from '../audit/audit-trail.js';
import type { CmekRotation } from './cmek-rotation.entity.js';

export function keyEvent(
  action: 'cmek.enable' | 'cmek.disable',
  caller: Caller,
  vaultId: string,
  fingerprint: string | null,
  call: CallContext,
): OutboxEvent {
  const details = { vault_id: vaultId, fingerprint };
  return eventOf(action, { ...actorOf(caller), ...originOf(call) }, vaultId, details);
}

export function rotationStartEvent(caller: Caller, rotation: CmekRotation, call: CallContext): OutboxEvent {
  const { vaultId, totalVersions } = rotation;
  const details = { ...detailsOf(rotation), total_secrets: totalVersions };
  return eventOf('cmek.rotate', { ...actorOf(caller), ...originOf(call) }, vaultId, details);
}

export function rotationEndEvent(orgId: string, rotation: CmekRotation): OutboxEvent {
  const { vaultId, processed, error } = rotation;
  const details = { ...detailsOf(rotation), processed, ...(error ? { error } : {}) };
  return eventOf('cmek.rotate', systemActor(orgId), vaultId, details);
}

function detailsOf({ id, vaultId, status, oldFingerprint, newFingerprint }: CmekRotation) {
  const fingerprints = { old_fingerprint: oldFingerprint, new_fingerprint: newFingerprint };
  return { vault_id: vaultId, rotation_id: id, status, ...fingerprints };
}

function eventOf(
  action: AuditAction,
  by: Actor & Partial<Origin>,
  resourceId: string,
  details: Record<string, unknown>,
) {
  return auditEvent({ ...by, action, resourceType: 'vault', resourceId, details });
}
