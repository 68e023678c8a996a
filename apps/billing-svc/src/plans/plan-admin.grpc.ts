import { requireCaller } from '@oneclaw/caller';
import {
  type GetOrgLimitsRequest,
  type ListOrgPlansRequest,
  PlanAdminServiceDefinition,
  type SetOrgLimitsRequest,
  type SetTierRequest,
} from '@oneclaw/contracts/billing';
import { invalid } from '@oneclaw/errors';
import { type CallContext, RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { checkInteger, checkOneOf, checkUuid } from '../validation.js';
import { type OrgLimits, PlanAdminService } from './plan-admin.service.js';
import type { LimitsChange } from './plans.repository.js';
import { TIER_NAMES } from './tiers.js';

const MAX_ORGS = 500;
const MAX_DAYS = 3650;
const MAX_OVERRIDE = 1_000_000_000_000;

@RpcController(PlanAdminServiceDefinition)
export class PlanAdminGrpc implements RpcHandlers<typeof PlanAdminServiceDefinition> {
  constructor(private readonly admin: PlanAdminService) {}

  async getOrgLimits({ orgId }: GetOrgLimitsRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    return { limits: toProto(await this.admin.limits(caller, checkUuid(orgId, 'org_id'))) };
  }

  async setOrgLimits(request: SetOrgLimitsRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const orgId = checkUuid(request.orgId, 'org_id');
    return { limits: toProto(await this.admin.setLimits(caller, orgId, changeOf(request), context)) };
  }

  async setTier(request: SetTierRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const orgId = checkUuid(request.orgId, 'org_id');
    const tier = checkOneOf(request.tier, TIER_NAMES, 'tier');
    const days = checkInteger(request.durationDays, 1, MAX_DAYS, 'duration_days');
    const periodEnd = await this.admin.setTier(caller, orgId, tier, days, context);
    return { orgId, tier, periodEnd: periodEnd ?? undefined };
  }

  async listOrgPlans({ orgIds }: ListOrgPlansRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    if (orgIds.length > MAX_ORGS) throw invalid(`At most ${MAX_ORGS} orgs at once.`);
    const found = await this.admin.list(
      caller,
      orgIds.map((id) => checkUuid(id, 'org_ids')),
    );
    return {
      plans: found.map(({ plan, limits, requests }) => ({ tier: plan.tier, limits: toProto(limits), requests })),
    };
  }
}

function changeOf({ freeTierOverride, clearFreeTierOverride, sponsored }: SetOrgLimitsRequest): LimitsChange {
  const change: LimitsChange = {};
  if (freeTierOverride !== undefined)
    change.requestsOverride = checkInteger(freeTierOverride, 0, MAX_OVERRIDE, 'free_tier_override');
  else if (clearFreeTierOverride) change.requestsOverride = null;
  if (sponsored !== undefined) change.isSponsored = sponsored;
  return change;
}

function toProto({ orgId, requestsOverride, isSponsored }: OrgLimits) {
  return { orgId, freeTierOverride: requestsOverride ?? undefined, sponsored: isSponsored };
}
