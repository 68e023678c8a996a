import type { AuditRecord, ListEventsRequest } from '@oneclaw/contracts/audit';
import type { InputOf } from '../api/operation.js';
import { instantOf, objectFrom } from '../api/wire.js';
import type { queryAuditEvents } from './audit.operations.js';
import { type AuditEventResponse, DEFAULT_LIMIT } from './audit.schemas.js';

export function toEventResponse(event: AuditRecord): AuditEventResponse {
  return {
    id: event.id,
    org_id: event.orgId,
    actor_type: event.actorType,
    actor_id: event.actorId || null,
    action: event.action,
    resource_type: event.resourceType || null,
    resource_id: event.resourceId || null,
    details: objectFrom(event.detailsJson),
    ip_address: event.ipAddress || null,
    request_id: event.requestId || null,
    created_at: instantOf(event.createdAt),
    prev_event_id: event.prevEventId || null,
    integrity_hash: event.integrityHash,
  };
}

export function toListRequest({ query }: InputOf<typeof queryAuditEvents>): ListEventsRequest {
  return {
    resourceId: query.resource_id ?? '',
    actorId: query.actor_id ?? '',
    action: query.action ?? '',
    from: query.from,
    to: query.to,
    offset: query.offset ?? 0,
    page: { limit: query.limit ?? DEFAULT_LIMIT, cursor: query.cursor ?? '' },
  };
}
