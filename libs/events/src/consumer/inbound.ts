import { EventBatch } from '@oneclaw/contracts/events';
import type { DeadLetter } from './consumed.repository.js';

/** What this library needs of a NATS message. */
export interface InboundMessage {
  subject: string;
  data: Uint8Array;
}

/** One event as a handler gets it. */
export interface Received<T> {
  /** Unique over all producers: the key that makes a second delivery do nothing. */
  id: string;
  producer: string;
  event: T;
}

/** Messages taken apart: what can be handled, what cannot, and which numbers either settles. */
export interface Inbound<T> {
  events: Received<T>[];
  deadLetters: DeadLetter[];
  settled: { producer: string; first: number; last: number }[];
}

/** In all events of producers without an outbox (DirectPublisher): nothing to settle. */
const UNNUMBERED = 0;

/** Throws, saying what is wrong, on a payload that is not what the family promises. */
export type Decoder<T> = (payload: Uint8Array, id: string) => T;

export function takeApart<T>(messages: readonly InboundMessage[], decode: Decoder<T>): Inbound<T> {
  const inbound: Inbound<T> = { events: [], deadLetters: [], settled: [] };
  for (const { subject, data } of messages) {
    const batch = readBatch(subject, data);
    if (typeof batch === 'string') {
      inbound.deadLetters.push({ subject, seq: undefined, payload: data, reason: batch });
      continue;
    }
    const first = batch.events[0]!.seq;
    if (first !== UNNUMBERED) inbound.settled.push({ producer: batch.producer, first, last: batch.events.at(-1)!.seq });
    for (const { id, seq, payload } of batch.events) {
      try {
        inbound.events.push({ id, producer: batch.producer, event: decode(payload, id) });
      } catch (error) {
        inbound.deadLetters.push({ subject, seq, payload, reason: (error as Error).message });
      }
    }
  }
  return inbound;
}

/** The whole of some messages as dead letters that still settle their numbers. */
export function buryAll(messages: readonly InboundMessage[], reason: string): Inbound<never> {
  const { settled } = takeApart(messages, () => undefined);
  const deadLetters = messages.map(({ subject, data }) => ({ subject, seq: undefined, payload: data, reason }));
  return { events: [], deadLetters, settled };
}

/** The batch, or what is wrong with it. */
function readBatch(subject: string, data: Uint8Array): EventBatch | string {
  let batch: EventBatch;
  try {
    batch = EventBatch.decode(data);
  } catch (error) {
    return `not an EventBatch: ${(error as Error).message}`;
  }
  const { producer, events } = batch;
  if (subject.split('.')[2] !== producer) return `the producer ${producer} does not own the subject`;
  const [head] = events;
  if (!head) return 'no events';
  const step = head.seq === UNNUMBERED ? 0 : 1;
  if (events.some((event, index) => event.seq !== head.seq + index * step)) return 'the numbers are not consecutive';
  return batch;
}
