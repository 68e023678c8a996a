import type { DomainError } from '@oneclaw/errors';
import { auditEvent, type OutboxEvent } from '@oneclaw/events';
import { actorOf, type Actor, type Origin } from '../audit/audit-trail.js';
import { denied } from '../audit/refusal-trail.js';
import type { SecretWrite } from './secret-write.js';

/** A version of a secret, as events name it. */
export interface VersionRef {
  id: string;
  vaultId: string;
  path: string;
  version: number;
}

export function versionEvent(
  action: 'secret.write' | 'secret.delete' | 'secret.restore',
  by: Actor & Origin,
  { id, vaultId, path, version }: VersionRef,
): OutboxEvent {
  return auditEvent({
    ...by,
    action,
    resourceType: 'secret',
    resourceId: id,
    details: { vault_id: vaultId, path, version },
  });
}

export function refusedWriteEvent({ by, input }: SecretWrite, refusal: DomainError): OutboxEvent {
  return auditEvent({
    ...actorOf(by.caller),
    ipAddress: by.ipAddress,
    requestId: by.requestId,
    action: 'secret.write',
    resourceType: 'vault',
    resourceId: input.vaultId,
    details: { vault_id: input.vaultId, path: input.path, ...denied(refusal) },
  });
}
