import { Injectable } from '@nestjs/common';
import { query } from '@oneclaw/database';
import { DataSource } from 'typeorm';
import { listEventsQuery, type EventFilter, type EventPage } from './list-events.query.js';

/** An event as it is listed. */
export interface StoredEvent {
  id: string;
  orgId: string;
  position: number;
  actorType: string;
  actorId: string;
  action: string;
  resourceType: string;
  resourceId: string;
  details: string;
  ipAddress: string;
  requestId: string;
  createdAt: Date;
  createdAtMicros: number;
  prevEventId: string | null;
  integrityHash: Buffer;
}

@Injectable()
export class EventsRepository {
  constructor(private readonly dataSource: DataSource) {}

  async list(orgId: string, filter: EventFilter, page: EventPage): Promise<StoredEvent[]> {
    const { text, values } = listEventsQuery(orgId, filter, page);
    return query<StoredEvent>(this.dataSource, text, values);
  }
}
