import type { Stack } from '@oneclaw/stack';
import type { Answer } from './answer.js';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { asSuperuser } from './faults/database.js';
import { gatewayOf } from './stacks.js';
import type { UsageSummary } from './types.js';
import { platformAdmin } from './world.js';

/** Gives an org a quota of its own, as the platform's admin does. */
export async function setQuota(stack: Stack, orgId: string, requests: number): Promise<void> {
  await setLimits(stack, orgId, { free_tier_override: requests });
}

export async function setPlan(
  stack: Stack,
  orgId: string,
  { tier, sponsored }: { tier?: string; sponsored?: boolean },
): Promise<void> {
  const admin = await platformAdmin(gatewayOf(stack), stack.admin);
  if (tier !== undefined) (await admin.api.put(`/v1/admin/orgs/${orgId}/billing-tier`, { tier })).as(200);
  if (sponsored !== undefined) await setLimits(stack, orgId, { is_sponsored: sponsored });
}

async function setLimits(stack: Stack, orgId: string, limits: Record<string, unknown>): Promise<void> {
  const admin = await platformAdmin(gatewayOf(stack), stack.admin);
  (await admin.api.put(`/v1/admin/orgs/${orgId}/limits`, limits)).as(200);
}

/** What billing-svc has counted; asking counts too, so this looks into its database. */
export async function countedRequests(stack: Stack, orgId: string): Promise<number> {
  return asSuperuser(stack, 'billing-svc', async (client) => {
    const { rows } = await client.query<{ requests: string }>(
      'SELECT sum(requests) AS requests FROM usage_periods WHERE org_id = $1',
      [orgId],
    );
    return Number(rows[0]?.requests ?? 0);
  });
}

/** Waits until exactly so many requests are counted. Fails with the number that it came to. */
export async function countsTo(stack: Stack, orgId: string, requests: number, withinMs = 15_000): Promise<void> {
  let last = -1;
  await eventually(`${requests} requests are counted`, withinMs, async () => {
    last = await countedRequests(stack, orgId);
    return last === requests ? true : undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}; there are ${last}`, { cause: error });
  });
}

export async function usageOf(api: Api): Promise<UsageSummary> {
  return (await api.get('/v1/billing/usage')).as<UsageSummary>(200);
}

/** The numbers in the headers of an answer. */
export function quotaOf(answer: Answer) {
  const number = (name: string) => {
    const value = answer.header(`x-ratelimit-requests-${name}`);
    return value === undefined ? undefined : Number(value);
  };
  return { used: number('used'), limit: number('limit'), percent: number('percent') };
}
