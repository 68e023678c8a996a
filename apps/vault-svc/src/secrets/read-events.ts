import { auditEvent, type OutboxEvent } from '@oneclaw/events';
import { actorOf } from '../audit/audit-trail.js';
import { denied, isRefusal } from '../audit/refusal-trail.js';
import type { SecretRead } from './secret-read.js';

/** One event per read that was answered, with a value or without, or refused. Reads that could not be served, or not be understood, have none. */
export function readEvents(reads: readonly SecretRead[]): OutboxEvent[] {
  return reads.map(eventOf).filter((event) => event !== undefined);
}

function eventOf(read: SecretRead): OutboxEvent | undefined {
  const outcome = outcomeOf(read);
  if (!outcome) return undefined;
  const { by, found, error, lending } = read;
  // Refusals of permission are the same whether the secret exists or not.
  const secretId = error?.code === 'permission_denied' ? undefined : found?.secret?.id;
  const version =
    secretId === undefined ? read.requestedVersion || undefined : (found?.version?.version ?? read.requestedVersion);
  return auditEvent({
    ...(lending?.actor ?? actorOf(by.caller)),
    ipAddress: by.ipAddress,
    requestId: by.requestId,
    action: 'secret.read',
    resourceType: secretId === undefined ? 'vault' : 'secret',
    resourceId: secretId ?? read.vaultId,
    details: { vault_id: read.vaultId, path: read.path, version, share_id: lending?.shareId, ...outcome },
  });
}

function outcomeOf({ value, error, damaged, notModified }: SecretRead): Record<string, unknown> | undefined {
  if (value) return {};
  if (notModified) return { outcome: 'not_modified' };
  if (damaged) return { outcome: 'failed', reason: 'envelope_damaged' };
  return isRefusal(error) ? denied(error) : undefined;
}
