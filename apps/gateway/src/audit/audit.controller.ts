import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { orAbsent } from '../api/wire.js';
import { AuditClients } from '../upstreams/audit-clients.js';
import { toEventResponse, toListRequest } from './audit.mapper.js';
import { queryAuditEvents } from './audit.operations.js';

@Controller()
export class AuditController {
  constructor(private readonly clients: AuditClients) {}

  @Operation(queryAuditEvents)
  async query(call: SessionCall, input: InputOf<typeof queryAuditEvents>) {
    const { events, nextCursor } = await this.clients.queries.listEvents(toListRequest(input), call);
    return { events: events.map(toEventResponse), count: events.length, next_cursor: orAbsent(nextCursor) };
  }
}
