import type { ChainHead, ChainedEvent, IncomingEvent } from './chained-event.js';
import { hashEvent } from './event-hash.js';

/** Adds events of one org to its chain, in the order given. Answers them and the chain's new end. */
export function extendChain(
  head: ChainHead,
  incoming: readonly IncomingEvent[],
): { events: ChainedEvent[]; head: ChainHead } {
  let end = head;
  const events = incoming.map((event) => {
    const placed = { ...event, position: end.position + 1, prevEventId: end.eventId };
    const integrityHash = hashEvent(placed, end.integrityHash);
    end = { orgId: head.orgId, position: placed.position, eventId: event.id, integrityHash };
    return { ...placed, integrityHash };
  });
  return { events, head: end };
}
