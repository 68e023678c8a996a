import { UsageEvent } from '@oneclaw/contracts/events';
import { validate } from 'uuid';
import { periodAt } from './period.js';

/** A request as it counts. */
export interface CountedRequest {
  /** UUIDv7, the event's. */
  id: string;
  orgId: string;
  principalType: string;
  principalId: string;
  method: string;
  /** The route's template. */
  endpoint: string;
  statusCode: number;
  occurredAt: Date;
  /** Null where there was none to be had. */
  leaseId: string | null;
  periodStart: Date;
}

const DAY_MS = 24 * 3_600_000;
/** Beyond it no stream keeps a message, and there is no partition for it. */
const OLDEST_MS = 60 * DAY_MS;
const AHEAD_MS = DAY_MS;

/** Throws on what is no counted request, or one of another time. */
export function decodeCountedRequest(id: string, payload: Uint8Array, now: Date): CountedRequest {
  const { occurredAt, leaseId, periodStart, ...event } = UsageEvent.decode(payload);
  if (![id, event.orgId, event.principalId].every(validate)) throw new Error('a counted request without ids');
  if (leaseId !== '' && !validate(leaseId)) throw new Error('a lease without an id');
  if (!occurredAt) throw new Error('a counted request without a time');
  const age = now.getTime() - occurredAt.getTime();
  if (age > OLDEST_MS || age < -AHEAD_MS) throw new Error(`a request of ${occurredAt.toISOString()}`);
  const start = periodStart ?? periodAt(occurredAt).start;
  return { ...event, id, occurredAt, leaseId: leaseId || null, periodStart: start };
}
