import type { Stack } from '@oneclaw/stack';
import type { Answer } from './answer.js';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { asSuperuser } from './faults/database.js';
import type { UsageSummary } from './types.js';

/** Gives an org a quota of its own, for tests that no admin is needed for. */
export async function setQuota(stack: Stack, orgId: string, requests: number): Promise<void> {
  await asSuperuser(stack, 'billing-svc', (client) =>
    client.query(
      `INSERT INTO org_plans (org_id, requests_override) VALUES ($1, $2)
       ON CONFLICT (org_id) DO UPDATE SET requests_override = excluded.requests_override`,
      [orgId, requests],
    ),
  );
}

export async function setPlan(
  stack: Stack,
  orgId: string,
  plan: { tier?: string; sponsored?: boolean },
): Promise<void> {
  await asSuperuser(stack, 'billing-svc', (client) =>
    client.query(
      `INSERT INTO org_plans (org_id, tier, is_sponsored) VALUES ($1, $2, $3)
       ON CONFLICT (org_id) DO UPDATE SET tier = excluded.tier, is_sponsored = excluded.is_sponsored`,
      [orgId, plan.tier ?? null, plan.sponsored ?? false],
    ),
  );
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
