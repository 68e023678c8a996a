import { AuditEvent, EventBatch, IdentityEvent, MailMessage } from '@oneclaw/contracts/events';
import type pg from 'pg';

export interface RecordedEvents {
  audit: (Omit<AuditEvent, 'detailsJson'> & { details: Record<string, unknown> })[];
  identity: IdentityEvent[];
  mails: MailMessage[];
  /** Everything as bytes, for looking for what must not be there. */
  raw: Buffer;
}

/** One snapshot of all events, wherever the relay has them. */
const SELECT = `
  SELECT family, payload AS bytes, NULL::bytea AS message FROM outbox
  UNION ALL SELECT family, NULL, message FROM outbox_batch`;

/** What was committed, oldest first. */
export async function recordedEvents(owner: pg.Pool): Promise<RecordedEvents> {
  const { rows } = await owner.query<{ family: string; bytes: Buffer | null; message: Buffer | null }>(SELECT);
  const payloads = rows.flatMap(({ family, bytes, message }) =>
    bytes
      ? [{ family, bytes }]
      : EventBatch.decode(message as Buffer).events.map(({ payload }) => ({ family, bytes: payload })),
  );
  const of = (family: string) => payloads.filter((each) => each.family === family).map((each) => each.bytes);
  const audit = of('audit').map((bytes) => {
    const { detailsJson, ...event } = AuditEvent.decode(bytes);
    return { ...event, details: JSON.parse(detailsJson) as Record<string, unknown> };
  });
  const identity = of('identity').map((bytes) => IdentityEvent.decode(bytes));
  const mails = of('mail').map((bytes) => MailMessage.decode(bytes));
  const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);
  return {
    audit: audit.sort(byId),
    identity: identity.sort(byId),
    mails: mails.sort(byId),
    raw: Buffer.concat(payloads.map(({ bytes }) => Buffer.from(bytes))),
  };
}
