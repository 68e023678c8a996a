import type { CountOrgResponse } from '@oneclaw/contracts/auth';
import type { Credits, GetAccountResponse, GetUsageResponse, UsageEntry } from '@oneclaw/contracts/billing';
import type { CountResourcesResponse } from '@oneclaw/contracts/vault';
import type { z } from 'zod';
import { instantOf, present } from '../api/wire.js';
import type { creditBalance, subscription, usageHistory, usageSummary } from './billing.schemas.js';
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

/** What an org has, in the services that keep it. */
export type OrgCounts = CountResourcesResponse & CountOrgResponse;

export function toSubscription(account: GetAccountResponse, counts: OrgCounts): z.output<typeof subscription> {
  const { requestLimit, requests, overageMethod, status, periodEnd, credits } = account;
  const { tier, secretLimit, agentLimit, vaultLimit } = present(account.plan, 'the plan');
  const { balance_cents, balance_usd } = toCreditBalance(credits);
  const meter = (used: number, limit?: number) => ({ used, limit: limit ?? null });
  return {
    tier,
    interval: null,
    period_end: periodEnd ? instantOf(periodEnd) : null,
    status,
    credit_balance_cents: balance_cents,
    credit_balance_usd: balance_usd,
    overage_method: overageMethod,
    usage: {
      requests: meter(requests, requestLimit),
      secrets: meter(counts.secrets, secretLimit),
      agents: meter(counts.agents, agentLimit),
      vaults: meter(counts.vaults, vaultLimit),
      team_members: meter(counts.members),
      // Nobody can submit any yet.
      intent_transactions: meter(0),
      shares: meter(counts.shares),
    },
  };
}
