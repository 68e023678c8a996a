import { AuditEvent } from '@oneclaw/contracts/events';
import type { IncomingEvent } from '../chain/chained-event.js';
import { filterFieldsOf } from './filter-fields.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Fields that are indexed, or that only a broken producer would fill beyond this. */
const MAX_LENGTH = 600;

/** Throws, naming the field and never its value, on what cannot be stored as it came. */
export function decodeAuditEvent(payload: Uint8Array, eventId: string): IncomingEvent {
  const event = AuditEvent.decode(payload);
  if (event.id !== eventId) throw new Error('the id is not the one of its envelope');
  if (!UUID.test(event.id)) throw new Error('id is not a UUID');
  if (!UUID.test(event.orgId)) throw new Error('org_id is not a UUID');
  if (event.actorType === '' || event.action === '') throw new Error('actor_type or action is missing');
  const time = event.occurredAt?.getTime() ?? NaN;
  if (!(time > 0 && Number.isSafeInteger(time * 1000))) throw new Error('occurred_at is missing or absurd');
  const { detailsJson: details } = event;
  return {
    id: event.id,
    orgId: event.orgId,
    actorType: plain(event.actorType, 'actor_type'),
    actorId: plain(event.actorId, 'actor_id'),
    action: plain(event.action, 'action'),
    resourceType: plain(event.resourceType, 'resource_type'),
    resourceId: plain(event.resourceId, 'resource_id'),
    details,
    ...filterFieldsOf(parseDetails(details)),
    ipAddress: plain(event.ipAddress, 'ip_address'),
    requestId: plain(event.requestId, 'request_id'),
    createdAtMicros: time * 1000,
  };
}

function plain(value: string, field: string): string {
  if (value.length > MAX_LENGTH) throw new Error(`${field} is too long`);
  if (value.includes('\0')) throw new Error(`${field} holds a NUL`);
  return value;
}

function parseDetails(json: string): Record<string, unknown> {
  let details: unknown;
  try {
    details = JSON.parse(json);
  } catch {
    throw new Error('details_json is not JSON');
  }
  if (typeof details !== 'object' || details === null || Array.isArray(details))
    throw new Error('details_json is not an object');
  return details as Record<string, unknown>;
}
