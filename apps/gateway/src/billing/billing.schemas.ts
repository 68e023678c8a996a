import { z } from 'zod';
import { optional } from '../api/fields.js';
import { instant, looseAnswer, requestBody } from '../openapi/schemas.js';

/** Entries on a page of history when the client does not say. */
export const DEFAULT_LIMIT = 50;

const usd = () => z.string().meta({ examples: ['0.001'] });
const count = () => z.int();

export const usageSummary = looseAnswer('UsageSummary', {
  billing_tier: z.string(),
  free_tier_limit: count().nullable().meta({ description: 'Requests a month, whatever the tier; `null` = unlimited.' }),
  current_month: looseAnswer('UsageOfMonth', {
    total_requests: count(),
    paid_requests: count(),
    free_requests: count(),
    total_cost_usd: usd(),
  }),
});

export const usageHistory = looseAnswer('UsageHistory', {
  events: z.array(
    looseAnswer('UsageHistoryEntry', {
      id: z.uuid(),
      principal_type: z.string().meta({ description: '`user`, `agent`, or `anonymous` for visitors of shared links.' }),
      principal_id: z.uuid(),
      method: z.string(),
      endpoint: z.string().meta({ description: "The route's template, never the concrete path." }),
      status_code: count(),
      price_usd: usd().meta({ description: 'What it cost; within the quota nothing.' }),
      is_paid: z.boolean(),
      created_at: instant(),
    }),
  ),
  next_cursor: z.string().optional(),
});

export const creditBalance = looseAnswer('CreditBalance', {
  balance_cents: count(),
  balance_usd: usd(),
  expiring_within_90_days: looseAnswer('ExpiringCredit', {
    amount_cents: count(),
    earliest_expiry: instant().nullable(),
  }),
});

const meter = looseAnswer('UsageMeter', {
  used: count(),
  limit: count().nullable().meta({ description: '`null` = unlimited.' }),
});

export const subscription = looseAnswer('Subscription', {
  tier: z.string(),
  interval: z.string().nullable().meta({ description: '`null` without a subscription.' }),
  period_end: instant('When the tier ends; `null` where it does not.').nullable(),
  status: z.string().meta({ description: '`none` without a subscription.' }),
  credit_balance_cents: count(),
  credit_balance_usd: usd(),
  overage_method: z.string(),
  usage: looseAnswer('UsageMeters', {
    requests: meter.meta({ description: 'Of the month.' }),
    secrets: meter,
    agents: meter,
    vaults: meter,
    team_members: meter,
    intent_transactions: meter,
    shares: meter,
  }),
});

const method = z.enum(['credits', 'x402']);

export const overageMethodRequest = requestBody('OverageMethodRequest', {
  method: optional(method.meta({ description: 'What pays for requests beyond the quota.' })),
  overage_method: optional(method.meta({ description: 'Another name for `method`.' })),
});

export const overageMethod = looseAnswer('OverageMethod', { overage_method: method });
