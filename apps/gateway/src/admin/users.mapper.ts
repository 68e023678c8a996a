import type { PlatformUser } from '@oneclaw/contracts/auth';
import type { OrgPlanSummary } from '@oneclaw/contracts/billing';
import { instantOf, present } from '../api/wire.js';
import type { AdminUserResponse } from './users.schemas.js';

export function toAdminUserResponse(user: PlatformUser, plan: OrgPlanSummary | undefined): AdminUserResponse {
  const { tier, limits, requests } = present(plan, 'the plan of an org');
  return {
    id: user.id,
    email: user.email,
    display_name: user.displayName,
    role: user.role,
    auth_method: user.authMethod,
    org_id: user.orgId,
    org_name: user.orgName,
    billing_tier: tier,
    created_at: instantOf(user.createdAt),
    free_tier_override: limits?.freeTierOverride,
    is_sponsored: limits?.sponsored ?? false,
    current_month_requests: requests,
  };
}
