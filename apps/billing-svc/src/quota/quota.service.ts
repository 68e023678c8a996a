import { Inject, Injectable } from '@nestjs/common';
import { transaction } from '@oneclaw/database';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../clock.js';
import { CONFIG, type BillingConfig } from '../config.js';
import type { Plan } from '../plans/plan.js';
import { PlansService } from '../plans/plans.service.js';
import { periodAt, type Period } from '../usage/period.js';
import { PeriodsRepository, type PeriodUsage } from '../usage/periods.repository.js';
import type { Claim, Lease } from './lease.js';
import { LeasesRepository } from './leases.repository.js';
import { shareOut, type Share } from './share-out.js';

/** The answer to a claim; null = there is no such lease (any more). */
export type Grant = (Share & { plan: Plan; period: Period; usedElsewhere: number; validForMs: number }) | null;

/** What leases are shared out from, in one transaction. */
interface Books {
  now: Date;
  period: Period;
  plans: ReadonlyMap<string, Plan>;
  /** By org. */
  usage: ReadonlyMap<string, PeriodUsage>;
  /** By id; of all orgs. Claims are settled one after the other, and each sees what those before it got. */
  leases: Map<string, Lease>;
}

/** Shares out what orgs may request, among gateways (docs/adr/0012). */
@Injectable()
export class QuotaService {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<BillingConfig, 'QUOTA_LEASE_TTL'>,
    private readonly dataSource: DataSource,
    private readonly plans: PlansService,
    private readonly periods: PeriodsRepository,
    private readonly leases: LeasesRepository,
    private readonly clock: Clock,
  ) {}

  /** The grants, in the order of the claims. A claim that comes again or too late changes nothing. */
  async claim(claims: readonly Claim[]): Promise<Grant[]> {
    const now = this.clock.now();
    return transaction(this.dataSource, async (manager) => {
      const books = await this.open(manager, claims, now);
      const changed = new Map<string, Lease>();
      const grants = claims.map((claim) => this.settle(books, claim, changed));
      if (changed.size > 0) await this.leases.save(manager, [...changed.values()]);
      return grants;
    });
  }

  private async open(manager: EntityManager, claims: readonly Claim[], now: Date): Promise<Books> {
    const period = periodAt(now);
    const orgIds = [...new Set(claims.map(({ orgId }) => orgId))];
    const keys = orgIds.map((orgId) => ({ orgId, periodStart: period.start }));
    const usage = await this.periods.lock(manager, keys);
    const leases = await this.leases.find(manager, keys);
    const plans = await this.plans.getMany(orgIds, manager);
    return {
      now,
      period,
      plans,
      usage: new Map(usage.map((each) => [each.orgId, each])),
      leases: new Map(leases.map((lease) => [lease.id, lease])),
    };
  }

  private settle(books: Books, claim: Claim, changed: Map<string, Lease>): Grant {
    const { now, period, plans, usage, leases } = books;
    const known = leases.get(claim.leaseId);
    if (known ? known.orgId !== claim.orgId : claim.number !== 1) return null;
    const plan = plans.get(claim.orgId)!;
    const { requests } = usage.get(claim.orgId)!;
    const own = known ?? { used: 0, granted: 0, claim: 0 };
    const others = [...leases.values()].filter(({ orgId, id }) => orgId === claim.orgId && id !== claim.leaseId);
    const late = claim.number <= own.claim;
    const share = shareOut({ limit: plan.requests, requests, others }, own, claim, now);
    const granted = late ? own.granted : share.granted;
    if (!late) {
      const lease = {
        id: claim.leaseId,
        orgId: claim.orgId,
        periodStart: period.start,
        claim: claim.number,
        granted,
        used: own.used,
        unspent: Math.max(0, granted - claim.admitted - claim.waiting),
        renewedAt: now,
        expiresAt: new Date(now.getTime() + this.config.QUOTA_LEASE_TTL),
      };
      leases.set(lease.id, lease);
      changed.set(lease.id, lease);
    }
    const usedElsewhere = requests - own.used;
    return { ...share, granted, plan, period, usedElsewhere, validForMs: this.config.QUOTA_LEASE_TTL };
  }
}
