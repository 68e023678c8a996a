import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { usageOf } from './plans.js';
import type { UsageHistory } from './types.js';
import { newAgent, newOwner, newVault, secretUrl, type Owner } from './world.js';

const SOON_MS = 10_000;

async function history(owner: Owner, query = ''): Promise<UsageHistory> {
  return (await owner.api.get(`/v1/billing/history${query}`)).as<UsageHistory>(200);
}

describe('the usage of an org', () => {
  it('is summed up for the month, with nothing to pay', async () => {
    const owner = await newOwner();
    for (let count = 0; count < 4; count += 1) (await owner.api.get('/v1/vaults')).as(200);
    const { value } = await eventually('the requests are counted', SOON_MS, async () => {
      const usage = await usageOf(owner.api);
      return usage.current_month.total_requests >= 5 ? usage : undefined;
    });
    expect(value).toEqual({
      billing_tier: 'business',
      free_tier_limit: 100_000,
      current_month: {
        total_requests: expect.any(Number),
        paid_requests: 0,
        free_requests: value.current_month.total_requests,
        total_cost_usd: '0.00',
      },
    });
  });

  it('is listed request by request, by route and never by path, newest first', async () => {
    const owner = await newOwner();
    const vault = await newVault(owner);
    const agent = await newAgent(owner);
    (await owner.api.put(secretUrl(vault, 'a/secret/name'), { value: 'x' })).as(201);
    (await agent.api.get(secretUrl(vault, 'a/secret/name'))).refused(403);
    const { value: page } = await eventually('the requests are listed', SOON_MS, async () => {
      const found = await history(owner);
      return found.events.some(({ status_code: status }) => status === 403) ? found : undefined;
    });
    const route = '/v1/vaults/{vault_id}/secrets/{path}';
    expect(page.events.filter(({ endpoint }) => endpoint === route)).toEqual([
      {
        id: expect.any(String),
        principal_type: 'agent',
        principal_id: agent.id,
        method: 'GET',
        endpoint: route,
        status_code: 403,
        price_usd: '0.00',
        is_paid: false,
        created_at: expect.stringMatching(/Z$/),
      },
      expect.objectContaining({ principal_type: 'user', principal_id: owner.id, method: 'PUT', status_code: 201 }),
    ]);
    expect(JSON.stringify(page)).not.toContain('name');
    const times = page.events.map(({ created_at }) => created_at);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('is paged by a cursor, and by limits between 1 and 200', async () => {
    const owner = await newOwner();
    for (let count = 0; count < 5; count += 1) (await owner.api.get('/v1/vaults')).as(200);
    await eventually('the requests are listed', SOON_MS, async () =>
      (await history(owner)).events.length >= 6 ? true : undefined,
    );
    const first = await history(owner, '?limit=3');
    expect(first.events).toHaveLength(3);
    const second = await history(owner, `?limit=3&cursor=${first.next_cursor}`);
    const ids = [...first.events, ...second.events].map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
    for (const limit of ['0', '201', 'x']) (await owner.api.get(`/v1/billing/history?limit=${limit}`)).invalid('limit');
    (await owner.api.get('/v1/billing/history?cursor=none')).invalid('cursor');
  });

  it("is nobody else's", async () => {
    const [owner, other] = [await newOwner(), await newOwner()];
    (await owner.api.get('/v1/vaults')).as(200);
    await eventually('the request is listed', SOON_MS, async () =>
      (await history(owner)).events.length > 0 ? true : undefined,
    );
    const theirs = (await history(other)).events;
    expect(theirs.filter(({ principal_id }) => principal_id !== other.id)).toEqual([]);
  });
});

describe('the subscription of an org', () => {
  it('shows the plan, and how much of it is used', async () => {
    const owner = await newOwner();
    const vault = await newVault(owner);
    await newVault(owner);
    await newAgent(owner);
    for (const path of ['a', 'b', 'c']) (await owner.api.put(secretUrl(vault, path), { value: 'x' })).as(201);
    (await owner.api.delete(secretUrl(vault, 'c'))).empty();
    const { usage, ...rest } = (await owner.api.get('/v1/billing/subscription')).as<{ usage: { requests: unknown } }>(
      200,
    );
    expect(rest).toEqual({
      tier: 'business',
      interval: null,
      period_end: null,
      status: 'none',
      credit_balance_cents: 0,
      credit_balance_usd: '0.00',
      overage_method: 'credits',
    });
    expect(usage).toEqual({
      requests: { used: expect.any(Number), limit: 100_000 },
      // The vault and the keys of the agent are the system's.
      secrets: { used: 2, limit: 5000 },
      agents: { used: 1, limit: 50 },
      vaults: { used: 2, limit: 100 },
      team_members: { used: 1, limit: null },
      intent_transactions: { used: 0, limit: null },
      shares: { used: 0, limit: null },
    });
  });
});

describe('what pays beyond the quota', () => {
  it('is credits unless told, of which there are none', async () => {
    const owner = await newOwner();
    expect((await owner.api.get('/v1/billing/credits/balance')).as(200)).toEqual({
      balance_cents: 0,
      balance_usd: '0.00',
      expiring_within_90_days: { amount_cents: 0, earliest_expiry: null },
    });
    expect((await owner.api.get('/v1/vaults')).header('x-overage-method')).toBe('credits');
  });

  it.each(['method', 'overage_method'])('is chosen by %s, and is in the trail', async (name) => {
    const owner = await newOwner();
    const set = (body: unknown) => owner.api.send('PATCH', '/v1/billing/overage-method', body);
    expect((await set({ [name]: 'x402' })).as(200)).toEqual({ overage_method: 'x402' });
    (await set({ [name]: 'cash' })).invalid(name);
    (await set({})).invalid('method');
    await eventually('answers tell of it', SOON_MS, async () =>
      (await owner.api.get('/v1/vaults')).header('x-overage-method') === 'x402' ? true : undefined,
    );
  });
});
