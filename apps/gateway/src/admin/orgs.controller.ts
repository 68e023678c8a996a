import { Controller } from '@nestjs/common';
import type { OrgLimits } from '@oneclaw/contracts/billing';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { optionalInstant, present } from '../api/wire.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { BillingClients } from '../upstreams/billing-clients.js';
import { adminGetOrgLimits, adminSetBillingTier, adminUpdateOrgLimits } from './orgs.operations.js';
import type { OrgLimitsResponse } from './orgs.schemas.js';

const DEFAULT_DAYS = 365;

/** auth-svc knows which orgs there are, and refuses in the trail who may not ask; billing-svc keeps what they are allowed. */
@Controller()
export class AdminOrgsController {
  constructor(
    private readonly auth: AuthClients,
    private readonly billing: BillingClients,
  ) {}

  @Operation(adminGetOrgLimits)
  async getLimits(call: SessionCall, { params: { org_id: orgId } }: InputOf<typeof adminGetOrgLimits>) {
    await this.auth.platform.findOrg({ orgId, action: adminGetOrgLimits.audit.action }, call);
    const { limits } = await this.billing.planAdmin.getOrgLimits({ orgId }, call);
    return toOrgLimitsResponse(limits);
  }

  @Operation(adminUpdateOrgLimits)
  async setLimits(call: SessionCall, { params, body }: InputOf<typeof adminUpdateOrgLimits>) {
    const { org_id: orgId } = params;
    await this.auth.platform.findOrg({ orgId, action: adminUpdateOrgLimits.audit.action }, call);
    const { free_tier_override: override, is_sponsored: sponsored } = body;
    const change = { freeTierOverride: override ?? undefined, clearFreeTierOverride: override === null, sponsored };
    const { limits } = await this.billing.planAdmin.setOrgLimits({ orgId, ...change }, call);
    return toOrgLimitsResponse(limits);
  }

  @Operation(adminSetBillingTier)
  async setTier(call: SessionCall, { params, body }: InputOf<typeof adminSetBillingTier>) {
    const { org_id: orgId } = params;
    await this.auth.platform.findOrg({ orgId, action: adminSetBillingTier.audit.action }, call);
    const { tier, duration_days: durationDays = DEFAULT_DAYS } = body;
    const answer = await this.billing.planAdmin.setTier({ orgId, tier, durationDays }, call);
    return { org_id: answer.orgId, tier: answer.tier, period_end: optionalInstant(answer.periodEnd) };
  }
}

function toOrgLimitsResponse(found: OrgLimits | undefined): OrgLimitsResponse {
  const { orgId, freeTierOverride, sponsored } = present(found, 'the limits');
  return { org_id: orgId, free_tier_override: freeTierOverride, is_sponsored: sponsored };
}
