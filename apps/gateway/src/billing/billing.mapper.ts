import type { Credits, GetUsageResponse, UsageEntry } from '@oneclaw/contracts/billing';
import type { z } from 'zod';
import { instantOf } from '../api/wire.js';
import type { creditBalance, usageHistory, usageSummary } from './billing.schemas.js';
import { centsOf, usdOf } from './money.js';

export function toUsageSummary(usage: GetUsageResponse): z.output<typeof usageSummary> {
  const { tier, requestLimit, requests, paidRequests, costMicros } = usage;
  return {
    billing_tier: tier,
    free_tier_limit: requestLimit ?? null,
    current_month: {
      total_requests: requests,
      paid_requests: paidRequests,
      free_requests: requests - paidRequests,
      total_cost_usd: usdOf(costMicros),
    },
  };
}

export function toHistoryEntry(entry: UsageEntry): z.output<typeof usageHistory>['events'][number] {
  return {
    id: entry.id,
    principal_type: entry.principalType,
    principal_id: entry.principalId,
    method: entry.method,
    endpoint: entry.endpoint,
    status_code: entry.statusCode,
    price_usd: usdOf(entry.priceMicros),
    is_paid: entry.paid,
    created_at: instantOf(entry.occurredAt),
  };
}

export function toCreditBalance(credits: Credits | undefined): z.output<typeof creditBalance> {
  const { balanceMicros = 0, expiringMicros = 0, earliestExpiry } = credits ?? {};
  return {
    balance_cents: centsOf(balanceMicros),
    balance_usd: usdOf(balanceMicros),
    expiring_within_90_days: {
      amount_cents: centsOf(expiringMicros),
      earliest_expiry: earliestExpiry ? instantOf(earliestExpiry) : null,
    },
  };
}
