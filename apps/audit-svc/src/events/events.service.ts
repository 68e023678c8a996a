import { Injectable } from '@nestjs/common';
import { isManager, type Caller } from '@oneclaw/caller';
import { invalid } from '@oneclaw/errors';
import { EventsRepository, type StoredEvent } from './events.repository.js';
import { EVENTS_CURSOR, type EventFilter } from './list-events.query.js';

export interface ListEventsInput extends EventFilter {
  limit: number;
  offset: number;
  cursor: string;
}

export interface EventsPage {
  events: StoredEvent[];
  /** Empty on the last page. */
  nextCursor: string;
}

const MAX_LIMIT = 1000;
/** Deeper, every page would read all pages before it. */
const MAX_OFFSET = 100_000;

@Injectable()
export class EventsService {
  constructor(private readonly repository: EventsRepository) {}

  /** Owner and admin see the org, everyone else what they did themselves. */
  async list(caller: Caller, input: ListEventsInput): Promise<EventsPage> {
    const { limit, offset, cursor, ...filter } = input;
    if (limit < 1 || limit > MAX_LIMIT)
      throw invalid('The limit is out of range.', { limit: `must be 1 to ${MAX_LIMIT}` });
    if (offset > MAX_OFFSET)
      throw invalid('The offset is out of range.', { offset: `must be at most ${MAX_OFFSET}; use cursor` });
    const after = EVENTS_CURSOR.decode(cursor);
    const actorId = isManager(caller) ? filter.actorId : caller.id;
    if (filter.actorId !== undefined && filter.actorId !== actorId) return { events: [], nextCursor: '' };
    // One more than asked for tells whether there is another page.
    const found = await this.repository.list(caller.orgId, { ...filter, actorId }, { limit: limit + 1, offset, after });
    const events = found.slice(0, limit);
    const last = found.length > limit ? events.at(-1) : undefined;
    return { events, nextCursor: last ? EVENTS_CURSOR.encode(last) : '' };
  }
}
