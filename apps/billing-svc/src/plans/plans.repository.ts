import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';
import type { OrgPlan } from './plan.js';

const COLUMNS = `
  org_id AS "orgId", tier, tier_until AS "tierUntil", requests_override AS "requestsOverride", is_sponsored AS "isSponsored"`;

const FIND = `SELECT ${COLUMNS} FROM org_plans WHERE org_id = $1`;

@Injectable()
export class PlansRepository {
  async find(executor: Executor, orgId: string): Promise<OrgPlan | undefined> {
    const [plan] = await query<OrgPlan>(executor, FIND, [orgId], { prepare: 'plan-find' });
    return plan;
  }
}
