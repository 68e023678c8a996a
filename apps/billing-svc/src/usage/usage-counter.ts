import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LeasesRepository } from '../quota/leases.repository.js';
import type { CountedRequest } from './counted-request.js';
import { PeriodsRepository } from './periods.repository.js';
import { UsageRepository } from './usage.repository.js';

/** Counts requests: for the history, for their org's period, and for the leases that they were admitted under. */
@Injectable()
export class UsageCounter {
  constructor(
    private readonly usage: UsageRepository,
    private readonly periods: PeriodsRepository,
    private readonly leases: LeasesRepository,
  ) {}

  /** Each exactly once, however often it comes. The events first: they are the work, and hold up nobody else's. */
  async count(manager: EntityManager, requests: readonly CountedRequest[]): Promise<void> {
    const added = await this.usage.add(manager, requests);
    if (added.length === 0) return;
    const periods = tally(added, ({ orgId, periodStart }) => ({ orgId, periodStart }));
    await this.periods.lock(manager, periods);
    const leased = added.filter(({ leaseId }) => leaseId !== null);
    const ofLease = ({ orgId, periodStart, leaseId }: CountedRequest) => ({ orgId, periodStart, leaseId: leaseId! });
    if (leased.length > 0) await this.leases.count(manager, tally(leased, ofLease));
    await this.periods.add(manager, periods);
  }
}

/** How many of the requests have which key. */
function tally<K extends object>(requests: readonly CountedRequest[], keyOf: (request: CountedRequest) => K) {
  const counts = new Map<string, K & { requests: number }>();
  for (const request of requests) {
    const key = keyOf(request);
    const id = Object.values(key).map(String).join('|');
    const count = counts.get(id);
    if (count) count.requests += 1;
    else counts.set(id, { ...key, requests: 1 });
  }
  return [...counts.values()];
}
