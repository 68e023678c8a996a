import { encode } from '@oneclaw/contracts/encode';
import { EventBatch, type Event } from '@oneclaw/contracts/events';
import type { Family } from '../families.js';

/** A row of `outbox`. */
export interface PendingEvent {
  id: string;
  family: Family;
  payload: Buffer;
  createdAt: Date;
}

/** A row of `outbox_batch`: one NATS message. */
export interface Batch {
  family: Family;
  firstSeq: number;
  lastSeq: number;
  firstId: string;
  message: Uint8Array;
  resends: number;
}

export interface NewBatch extends Batch {
  oldestAt: Date;
}

export const MAX_EVENTS = 200;
export const MAX_BYTES = 512 * 1024;

/** Packs events of one family, in the order given, into messages numbered from `nextSeq` on without gaps. */
export function packBatches(
  producer: string,
  family: Family,
  nextSeq: number,
  pending: readonly PendingEvent[],
): NewBatch[] {
  let seq = nextSeq;
  return split(pending).map((group) => {
    const events = group.map((event): Event => ({ seq: seq++, id: event.id, payload: event.payload }));
    return {
      family,
      firstSeq: events[0]!.seq,
      lastSeq: events.at(-1)!.seq,
      firstId: events[0]!.id,
      message: encode(EventBatch, { producer, events }),
      resends: 0,
      oldestAt: new Date(Math.min(...group.map((event) => event.createdAt.getTime()))),
    };
  });
}

/** Never empty groups; a single event may exceed the byte limit by itself. */
function split(pending: readonly PendingEvent[]): PendingEvent[][] {
  const groups: PendingEvent[][] = [];
  let bytes = Infinity;
  for (const event of pending) {
    const group = groups.at(-1);
    bytes += event.payload.length;
    if (group && group.length < MAX_EVENTS && bytes <= MAX_BYTES) {
      group.push(event);
    } else {
      groups.push([event]);
      bytes = event.payload.length;
    }
  }
  return groups;
}
