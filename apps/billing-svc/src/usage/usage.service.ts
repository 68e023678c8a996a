import { Injectable } from '@nestjs/common';
import { cursorOf } from '@oneclaw/database';
import { DataSource } from 'typeorm';
import { Clock } from '../clock.js';
import { type Plan } from '../plans/plan.js';
import { PlansService } from '../plans/plans.service.js';
import { periodAt } from './period.js';
import { PeriodsRepository, type PeriodUsage } from './periods.repository.js';
import { type UsageEntry, UsageRepository } from './usage.repository.js';

const CURSOR = cursorOf({ occurredAt: 'integer', id: 'uuid' });

export interface UsagePage {
  entries: UsageEntry[];
  nextCursor: string;
}

/** What an org has used. */
@Injectable()
export class UsageService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly plans: PlansService,
    private readonly periods: PeriodsRepository,
    private readonly usage: UsageRepository,
    private readonly clock: Clock,
  ) {}

  /** Of the current period. */
  async summary(orgId: string): Promise<{ plan: Plan; usage: PeriodUsage }> {
    const { start } = periodAt(this.clock.now());
    const [plan, found] = await Promise.all([
      this.plans.get(orgId),
      this.periods.find(this.dataSource, [orgId], start),
    ]);
    const nothing = { orgId, periodStart: start, requests: 0, paidRequests: 0, costMicros: 0 };
    return { plan, usage: found.get(orgId) ?? nothing };
  }

  /** Newest first. */
  async history(orgId: string, limit: number, cursor: string): Promise<UsagePage> {
    const position = CURSOR.decode(cursor);
    const after = position && { occurredAt: new Date(position.occurredAt), id: position.id };
    const found = await this.usage.list(this.dataSource, orgId, after, limit + 1);
    if (found.length <= limit) return { entries: found, nextCursor: '' };
    const entries = found.slice(0, limit);
    const last = entries[limit - 1]!;
    return { entries, nextCursor: CURSOR.encode({ occurredAt: last.occurredAt.getTime(), id: last.id }) };
  }
}
