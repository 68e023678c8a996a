import { afterCommit, execute } from '@oneclaw/database';
import { internal } from '@oneclaw/errors';
import type { DataSource, EntityManager } from 'typeorm';
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

const APPEND = 'INSERT INTO outbox (id, family, payload) SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[])';

/**
 * Records events: in the caller's transaction with its manager, or, with a DataSource's manager, committed when this
 * resolves. What they report may be revealed only after that commit.
 */
export async function appendEvents(manager: EntityManager, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  for (const { payload, family } of events) {
    if (payload.length > MAX_PAYLOAD_BYTES) throw internal(`an event of ${family} has ${payload.length} bytes`);
  }
  const columns = [
    events.map((event) => event.id),
    events.map((event) => event.family),
    events.map((event) => event.payload),
  ];
  await execute(manager, APPEND, columns, { prepare: 'outbox-append' });
  const dataSource: DataSource = manager.dataSource;
  afterCommit(manager, () => hintRelay(dataSource));
}
