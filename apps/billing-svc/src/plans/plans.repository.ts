import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { OrgPlan, OverageMethod } from './plan.js';
import type { TierName } from './tiers.js';

const COLUMNS = `
  org_id AS "orgId", tier, tier_until AS "tierUntil", requests_override AS "requestsOverride", is_sponsored AS "isSponsored",
  overage_method AS "overageMethod"`;

const FIND = `SELECT ${COLUMNS} FROM org_plans WHERE org_id = ANY ($1::uuid[])`;

const SET_LIMITS = `
  INSERT INTO org_plans AS p (org_id, requests_override, is_sponsored) VALUES ($1, $3, coalesce($4, false))
  ON CONFLICT (org_id) DO UPDATE SET
    requests_override = CASE WHEN $2 THEN $3 ELSE p.requests_override END,
    is_sponsored = coalesce($4, p.is_sponsored)
  RETURNING ${COLUMNS}`;

const SET_TIER = `
  INSERT INTO org_plans (org_id, tier, tier_until) VALUES ($1, $2, $3)
  ON CONFLICT (org_id) DO UPDATE SET tier = excluded.tier, tier_until = excluded.tier_until`;

const SET_OVERAGE_METHOD = `
  INSERT INTO org_plans (org_id, overage_method) VALUES ($1, $2)
  ON CONFLICT (org_id) DO UPDATE SET overage_method = excluded.overage_method`;

/** What is left out stays. */
export interface LimitsChange {
  /** Null = that of the tier. */
  requestsOverride?: number | null;
  isSponsored?: boolean;
}

@Injectable()
export class PlansRepository {
  /** By org; those that have only the default are left out. */
  async find(executor: Executor, orgIds: readonly string[]): Promise<Map<string, OrgPlan>> {
    const plans = await query<OrgPlan>(executor, FIND, [orgIds], { prepare: 'plans-find' });
    return new Map(plans.map((plan) => [plan.orgId, plan]));
  }

  /** Requests a month of the free tier, where the platform's people have set them. */
  async findFreeRequests(executor: Executor): Promise<number | undefined> {
    const text = 'SELECT free_tier_limit AS "limit" FROM x402_settings';
    const [row] = await query<{ limit: number | null }>(executor, text, [], { prepare: 'plans-free-requests' });
    return row?.limit ?? undefined;
  }

  async setLimits(executor: Executor, orgId: string, change: LimitsChange): Promise<OrgPlan> {
    const { requestsOverride, isSponsored } = change;
    const values = [orgId, requestsOverride !== undefined, requestsOverride ?? null, isSponsored ?? null];
    const [plan] = await query<OrgPlan>(executor, SET_LIMITS, values);
    return plan!;
  }

  async setTier(executor: Executor, orgId: string, tier: TierName, until: Date | null): Promise<void> {
    await execute(executor, SET_TIER, [orgId, tier, until]);
  }

  async setOverageMethod(executor: Executor, orgId: string, method: OverageMethod): Promise<void> {
    await execute(executor, SET_OVERAGE_METHOD, [orgId, method]);
  }

  async delete(executor: Executor, orgId: string): Promise<void> {
    await execute(executor, 'DELETE FROM org_plans WHERE org_id = $1', [orgId]);
  }
}
