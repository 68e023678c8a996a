import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { extendChain } from './chain.js';
import { ChainRepository } from './chain.repository.js';
import type { ChainHead, IncomingEvent } from './chained-event.js';

/** Adds to the orgs' chains. Exactly once per event id: whoever adds it holds the lock of its org's chain. */
@Injectable()
export class ChainService {
  constructor(private readonly chains: ChainRepository) {}

  /** In the caller's transaction. Answers how many events were new. */
  async append(manager: EntityManager, incoming: readonly IncomingEvent[]): Promise<number> {
    const byOrg = groupByOrg(incoming);
    const heads = await this.chains.lockHeads(manager, [...byOrg.keys()]);
    const known = await this.chains.findKnown(
      manager,
      incoming.map((event) => event.id),
    );
    const extended = heads.map((head) => extendChain(head, unknown(byOrg.get(head.orgId) ?? [], known)));
    const events = extended.flatMap((chain) => chain.events);
    if (events.length === 0) return 0;
    await this.chains.insert(manager, events);
    await this.chains.moveHeads(manager, headsOf(extended));
    return events.length;
  }
}

function groupByOrg(events: readonly IncomingEvent[]): Map<string, IncomingEvent[]> {
  const groups = new Map<string, IncomingEvent[]>();
  for (const event of events) {
    const group = groups.get(event.orgId);
    if (group) group.push(event);
    else groups.set(event.orgId, [event]);
  }
  return groups;
}

/** Also without what comes twice in one batch. Notes what it lets pass in `known`. */
function unknown(events: readonly IncomingEvent[], known: Set<string>): IncomingEvent[] {
  return events.filter((event) => !known.has(event.id) && known.add(event.id));
}

function headsOf(extended: readonly { events: unknown[]; head: ChainHead }[]): ChainHead[] {
  return extended.filter((chain) => chain.events.length > 0).map((chain) => chain.head);
}
