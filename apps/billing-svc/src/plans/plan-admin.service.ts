import { Injectable } from '@nestjs/common';
import { isManager, PLATFORM_ORG_ID, type Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { permissionDenied } from '@oneclaw/errors';
import { appendEvents } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { adminEvent } from '../audit.js';
import { Clock } from '../clock.js';
import { periodAt } from '../usage/period.js';
import { PeriodsRepository } from '../usage/periods.repository.js';
import type { OrgPlan, Plan } from './plan.js';
import { type LimitsChange, PlansRepository } from './plans.repository.js';
import { PlansService } from './plans.service.js';
import type { TierName } from './tiers.js';

const DAY_MS = 24 * 3_600_000;

/** What the platform's people set of an org. */
export type OrgLimits = Pick<OrgPlan, 'orgId' | 'requestsOverride' | 'isSponsored'>;

export interface PlanSummary {
  plan: Plan;
  limits: OrgLimits;
  /** Counted in the current period. */
  requests: number;
}

/** Plans in the hands of the platform's owners and admins. */
@Injectable()
export class PlanAdminService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly plans: PlansService,
    private readonly repository: PlansRepository,
    private readonly periods: PeriodsRepository,
    private readonly clock: Clock,
  ) {}

  async limits(caller: Caller, orgId: string): Promise<OrgLimits> {
    requirePlatformManager(caller);
    return limitsOf(orgId, (await this.repository.find(this.dataSource, [orgId])).get(orgId));
  }

  async setLimits(caller: Caller, orgId: string, change: LimitsChange, call: CallContext): Promise<OrgLimits> {
    requirePlatformManager(caller);
    return transaction(this.dataSource, async (manager) => {
      const limits = limitsOf(orgId, await this.repository.setLimits(manager, orgId, change));
      const details = { free_tier_override: limits.requestsOverride, is_sponsored: limits.isSponsored };
      await appendEvents(manager, [adminEvent('admin.set_org_limits', caller, call, orgId, details)]);
      return limits;
    });
  }

  /** Answers when the default tier is back; null for free, which does not end. */
  async setTier(caller: Caller, orgId: string, tier: TierName, days: number, call: CallContext): Promise<Date | null> {
    requirePlatformManager(caller);
    const until = tier === 'free' ? null : new Date(this.clock.now().getTime() + days * DAY_MS);
    await transaction(this.dataSource, async (manager: EntityManager) => {
      await this.repository.setTier(manager, orgId, tier, until);
      const details = { tier, period_end: until?.toISOString() ?? null };
      await appendEvents(manager, [adminEvent('admin.set_billing_tier', caller, call, orgId, details)]);
    });
    return until;
  }

  /** In the order of the ids. */
  async list(caller: Caller, orgIds: readonly string[]): Promise<PlanSummary[]> {
    requirePlatformManager(caller);
    const [stored, plans, usage] = await Promise.all([
      this.repository.find(this.dataSource, orgIds),
      this.plans.getMany(orgIds),
      this.periods.find(this.dataSource, orgIds, periodAt(this.clock.now()).start),
    ]);
    return orgIds.map((orgId) => ({
      plan: plans.get(orgId)!,
      limits: limitsOf(orgId, stored.get(orgId)),
      requests: usage.get(orgId)?.requests ?? 0,
    }));
  }
}

function requirePlatformManager(caller: Caller): void {
  if (caller.orgId !== PLATFORM_ORG_ID || !isManager(caller)) {
    throw permissionDenied('Only owners and admins of the platform org may do this.');
  }
}

function limitsOf(orgId: string, stored: OrgPlan | undefined): OrgLimits {
  const { requestsOverride = null, isSponsored = false } = stored ?? {};
  return { orgId, requestsOverride, isSponsored };
}
