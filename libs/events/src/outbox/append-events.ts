import { afterCommit, execute } from '@oneclaw/database';
import { internal } from '@oneclaw/errors';
import type { DataSource, EntityManager } from 'typeorm';
import { eventsWithTrace } from '../event-trace.js';
import type { Family } from '../families.js';
import { hintRelay } from './relay-hint.js';

/** An event that waits to be committed. Make one with `auditEvent` or `identityEvent`. */
export interface OutboxEvent {
  family: Family;
  /** UUIDv7. */
  id: string;
  /** The encoded message of the family; at most 256 KiB. */
  payload: Uint8Array;
}

export const MAX_PAYLOAD_BYTES = 256 * 1024;

/** The payloads travel as one binary value: Postgres takes three times as long to read them from an array of hex strings. */
const APPEND = `
  INSERT INTO outbox (id, family, payload) SELECT id, family, substr($3::bytea, start, length)
  FROM unnest($1::uuid[], $2::text[], $4::integer[], $5::integer[]) AS event (id, family, start, length)`;

/**
 * Records events: in the caller's transaction with its manager, or, with a DataSource's manager, committed when this
 * resolves. What they report may be revealed only after that commit.
 */
export async function appendEvents(manager: EntityManager, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  await execute(manager, APPEND, columnsOf(eventsWithTrace(events, MAX_PAYLOAD_BYTES)), { prepare: 'outbox-append' });
  const dataSource: DataSource = manager.dataSource;
  afterCommit(manager, () => hintRelay(dataSource));
}

function columnsOf(events: readonly OutboxEvent[]): unknown[] {
  const starts: number[] = [];
  let end = 0;
  for (const { payload, family } of events) {
    if (payload.length > MAX_PAYLOAD_BYTES) throw internal(`an event of ${family} has ${payload.length} bytes`);
    starts.push(end + 1);
    end += payload.length;
  }
  const payloads = events.map((event) => event.payload);
  const ids = events.map((event) => event.id);
  const families = events.map((event) => event.family);
  return [ids, families, Buffer.concat(payloads, end), starts, payloads.map((payload) => payload.length)];
}
