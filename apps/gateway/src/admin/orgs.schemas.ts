import { z } from 'zod';
import { clearable, optional, wholeNumber } from '../api/fields.js';
import { instant, looseAnswer, requestBody } from '../openapi/schemas.js';

const MAX_REQUESTS = 1_000_000_000_000;
const override = wholeNumber(0, MAX_REQUESTS).meta({
  description: 'Requests a month in place of those of the tier; `null`: those of the tier again.',
});

export const updateOrgLimitsRequest = requestBody('UpdateOrgLimitsRequest', {
  free_tier_override: clearable(override),
  is_sponsored: optional(z.boolean()).meta({ description: 'Exempt from quotas and limits.' }),
});

export const orgLimitsResponse = looseAnswer('OrgLimitsResponse', {
  org_id: z.uuid(),
  free_tier_override: z.int().optional(),
  is_sponsored: z.boolean(),
});

export const setBillingTierRequest = requestBody('SetBillingTierRequest', {
  tier: z.enum(['free', 'pro', 'business', 'enterprise']),
  duration_days: optional(wholeNumber(1, 3650)).meta({ description: '365 unless told; of no meaning for free.' }),
});

export const billingTierResponse = looseAnswer('BillingTierResponse', {
  org_id: z.uuid(),
  tier: z.string(),
  period_end: instant('When it ends; absent for free, which does not.').optional(),
});

export type OrgLimitsResponse = z.output<typeof orgLimitsResponse>;
