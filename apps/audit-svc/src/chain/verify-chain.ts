import type { Executor } from '@oneclaw/database';
import { filterFieldsOf } from '../intake/filter-fields.js';
import type { ChainRepository } from './chain.repository.js';
import type { ChainHead, ChainedEvent } from './chained-event.js';
import { GENESIS_HASH, isIntact } from './event-hash.js';

export interface ChainVerdict {
  valid: boolean;
  eventsChecked: number;
  /** The first event that does not fit: where the chain was changed, or after the place where something is missing. */
  brokenAtEventId?: string;
}

const PAGE = 1000;

/**
 * Recomputes an org's chain from its first event and compares its end with the recorded head. Finds edited, deleted, inserted
 * and reordered events and a cut tail; whoever rewrites all of it, head included, is found by the signed checkpoints only.
 */
export async function verifyChain(chains: ChainRepository, executor: Executor, orgId: string): Promise<ChainVerdict> {
  // The head first: events may be added meanwhile, and none is ever taken away.
  const head = await chains.findHead(executor, orgId);
  let end: ChainHead = { orgId, position: 0, eventId: null, integrityHash: GENESIS_HASH };
  let reachedHead = head === undefined || matches(end, head);
  for (;;) {
    const page = await chains.read(executor, orgId, end.position, PAGE);
    for (const event of page) {
      if (!follows(event, end)) return { valid: false, eventsChecked: end.position, brokenAtEventId: event.id };
      end = { orgId, position: event.position, eventId: event.id, integrityHash: event.integrityHash };
      reachedHead ||= head !== undefined && matches(end, head);
    }
    if (page.length < PAGE) break;
  }
  if (reachedHead) return { valid: true, eventsChecked: end.position };
  return { valid: false, eventsChecked: end.position, ...(head?.eventId ? { brokenAtEventId: head.eventId } : {}) };
}

function follows(event: ChainedEvent, end: ChainHead): boolean {
  return (
    event.position === end.position + 1 &&
    event.prevEventId === end.eventId &&
    isIntact(event, end.integrityHash) &&
    hasRightFilterFields(event)
  );
}

/** An event must also be found by what it says. */
function hasRightFilterFields(event: ChainedEvent): boolean {
  const { vaultId, path } = filterFieldsOf(JSON.parse(event.details));
  return event.vaultId === vaultId && event.path === path;
}

function matches(end: ChainHead, head: ChainHead): boolean {
  return end.position === head.position && end.eventId === head.eventId && end.integrityHash.equals(head.integrityHash);
}
