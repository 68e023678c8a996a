import { requireCaller } from '@oneclaw/caller';
import { AuditQueryServiceDefinition, type AuditRecord, type ListEventsRequest } from '@oneclaw/contracts/audit';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import type { StoredEvent } from './events.repository.js';
import { EventsService } from './events.service.js';

@RpcController(AuditQueryServiceDefinition)
export class EventsGrpc implements RpcHandlers<typeof AuditQueryServiceDefinition> {
  constructor(private readonly events: EventsService) {}

  async listEvents(request: ListEventsRequest, context: CallContext) {
    const { events, nextCursor } = await this.events.list(requireCaller(context.caller), {
      resource: request.resourceId || undefined,
      actorId: request.actorId || undefined,
      action: request.action || undefined,
      from: request.from,
      to: request.to,
      limit: request.page?.limit ?? 0,
      offset: request.offset,
      cursor: request.page?.cursor ?? '',
    });
    return { events: events.map(toRecord), nextCursor };
  }
}

function toRecord(event: StoredEvent): AuditRecord {
  const { position: _position, createdAtMicros: _micros, details, prevEventId, integrityHash, ...same } = event;
  return {
    ...same,
    detailsJson: details,
    prevEventId: prevEventId ?? '',
    integrityHash: integrityHash.toString('hex'),
  };
}
