import { z } from 'zod';
import { queryNumber, text } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import {
  DEFAULT_LIMIT,
  creditBalance,
  overageMethod,
  overageMethodRequest,
  subscription,
  usageHistory,
  usageSummary,
} from './billing.schemas.js';

const shared = {
  tag: 'Billing',
  access: { users: true, agents: false },
  audit: { action: 'billing.read', resource: 'org' },
} as const;

export const billingUsage = defineOperation({
  ...shared,
  id: 'billingUsage',
  method: 'GET',
  path: '/v1/billing/usage',
  summary: 'What the org has used',
  description: 'In the current calendar month (UTC).',
  keyScope: 'billing:read',
  answer: { status: 200, description: 'Sums of the month.', schema: usageSummary },
});

export const billingHistory = defineOperation({
  ...shared,
  id: 'billingHistory',
  method: 'GET',
  path: '/v1/billing/history',
  summary: 'Single requests of the org',
  description: 'Newest first. They appear a moment after they were answered and are kept for about a year.',
  keyScope: 'billing:read',
  query: z.object({
    limit: queryNumber(1, 200, `How many to answer at most; ${DEFAULT_LIMIT} when left out.`).optional(),
    cursor: text(1024, 'The `next_cursor` of the page before.').optional(),
  }),
  answer: { status: 200, description: 'A page of requests that counted.', schema: usageHistory },
});

export const billingSubscription = defineOperation({
  ...shared,
  id: 'billingSubscription',
  method: 'GET',
  path: '/v1/billing/subscription',
  summary: 'Plan, usage and credit at a glance',
  keyScope: 'billing:read',
  answer: { status: 200, description: 'The plan, and how much of it is used.', schema: subscription },
});

export const billingCreditBalance = defineOperation({
  ...shared,
  id: 'billingCreditBalance',
  method: 'GET',
  path: '/v1/billing/credits/balance',
  summary: 'Prepaid credit',
  keyScope: 'billing:read',
  answer: { status: 200, description: 'What is left, and what of it expires soon.', schema: creditBalance },
});

export const billingOverageMethod = defineOperation({
  ...shared,
  id: 'billingOverageMethod',
  method: 'PATCH',
  path: '/v1/billing/overage-method',
  summary: 'Choose what pays beyond the quota',
  keyScope: 'billing:write',
  audit: { action: 'billing.overage_method', resource: 'org' },
  body: overageMethodRequest,
  answer: { status: 200, description: 'The method from now on.', schema: overageMethod },
});
