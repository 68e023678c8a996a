import { AuditEvent, EventBatch } from '@oneclaw/contracts/events';
import type pg from 'pg';

export type RecordedEvent = Omit<AuditEvent, 'detailsJson'> & { details: Record<string, unknown> };

/** One snapshot of all events, wherever the relay has them. */
const SELECT = `
  SELECT payload AS bytes, NULL::bytea AS message FROM outbox WHERE family = 'audit'
  UNION ALL SELECT NULL, message FROM outbox_batch WHERE family = 'audit'`;

/** Audit events that were committed, oldest first. */
export async function recordedEvents(owner: pg.Pool): Promise<RecordedEvent[]> {
  const { rows } = await owner.query<{ bytes: Buffer | null; message: Buffer | null }>(SELECT);
  const payloads = rows.flatMap(({ bytes, message }) =>
    bytes ? [bytes] : EventBatch.decode(message as Buffer).events.map(({ payload }) => payload),
  );
  const events = payloads.map((bytes) => {
    const { detailsJson, ...event } = AuditEvent.decode(bytes);
    return { ...event, details: JSON.parse(detailsJson) as Record<string, unknown> };
  });
  return events.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Of one org and action. */
export async function eventsOf(owner: pg.Pool, orgId: string, action: string): Promise<RecordedEvent[]> {
  return (await recordedEvents(owner)).filter((event) => event.orgId === orgId && event.action === action);
}
