import { z } from 'zod';
import { uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { platform as access } from './access.js';
import {
  billingTierResponse,
  orgLimitsResponse,
  setBillingTierRequest,
  updateOrgLimitsRequest,
} from './orgs.schemas.js';

const tag = 'Admin';
const params = z.object({ org_id: uuid() });

export const adminGetOrgLimits = defineOperation({
  id: 'adminGetOrgLimits',
  method: 'GET',
  path: '/v1/admin/orgs/:org_id/limits',
  tag,
  summary: 'Get what an org is allowed beside its tier',
  access,
  audit: { action: 'admin.read_org', resource: 'org', idFrom: 'org_id' },
  params,
  answer: { status: 200, description: 'The limits.', schema: orgLimitsResponse },
  refusals: [404],
});

export const adminUpdateOrgLimits = defineOperation({
  id: 'adminUpdateOrgLimits',
  method: 'PUT',
  path: '/v1/admin/orgs/:org_id/limits',
  tag,
  summary: 'Set what an org is allowed beside its tier',
  description: 'What is left out stays.',
  access,
  audit: { action: 'admin.set_org_limits', resource: 'org', idFrom: 'org_id' },
  params,
  body: updateOrgLimitsRequest,
  answer: { status: 200, description: 'The limits.', schema: orgLimitsResponse },
  refusals: [404],
});

export const adminSetBillingTier = defineOperation({
  id: 'adminSetBillingTier',
  method: 'PUT',
  path: '/v1/admin/orgs/:org_id/billing-tier',
  tag,
  summary: 'Set the tier of an org for some time',
  description:
    'Without a subscription: for trials, and for installations that bill nobody. `free` ends what was set before.',
  access,
  audit: { action: 'admin.set_billing_tier', resource: 'org', idFrom: 'org_id' },
  params,
  body: setBillingTierRequest,
  answer: { status: 200, description: 'The tier, and until when.', schema: billingTierResponse },
  refusals: [404],
});
