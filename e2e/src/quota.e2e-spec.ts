import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { countedRequests, countsTo, quotaOf, setPlan, setQuota, usageOf } from './plans.js';
import { gatewayOf, ownStack } from './stacks.js';
import type { AuditEvent, AuditPage } from './types.js';
import { newAgent, newOwner, type Owner } from './world.js';

const GATEWAYS = 3;
const NO_RATE_LIMIT = { RATE_LIMIT_PER_SECOND: '100000', RATE_LIMIT_BURST: '100000' };

let stack: Stack;

beforeAll(async () => {
  stack = await ownStack({
    replicas: { gateway: GATEWAYS, 'billing-svc': 2 },
    env: { gateway: { TRUSTED_PROXIES: '127.0.0.0/8,::1', ...NO_RATE_LIMIT }, 'billing-svc': { DEFAULT_TIER: 'free' } },
  });
});

afterAll(() => stack?.stop());

/** An owner as each of the gateways sees them. */
async function newOrg(): Promise<{ owner: Owner; at: Api[] }> {
  const owner = await newOwner(gatewayOf(stack));
  return { owner, at: stack.gatewayUrls.map((url) => owner.api.at(url)) };
}

/** Calls at all gateways in turn until everybody is refused; answers how many were let through. */
async function untilRefused(at: readonly Api[], callers: number): Promise<number> {
  const passed = await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      const api = at[caller % at.length]!;
      for (let count = 0; ; count += 1) {
        const { status } = await api.get('/v1/vaults');
        if (status === 402) return count;
        expect(status).toBe(200);
      }
    }),
  );
  return passed.reduce((sum, each) => sum + each, 0);
}

/** Leaves nothing of the quota, which every gateway has heard when it refuses. Answers how many requests passed meanwhile. */
async function nothingLeft(owner: Owner, at: readonly Api[]): Promise<number> {
  await setQuota(stack, owner.orgId, 0);
  let passed = 0;
  for (const api of at) {
    await eventually('the gateway refuses', 5000, async () => {
      const { status } = await api.get('/v1/vaults');
      if (status === 200) passed += 1;
      return status === 402 ? true : undefined;
    });
  }
  return passed;
}

describe('the quota of an org', () => {
  it.each([1, 40, 300])('lets exactly %i requests through, of 50 callers at three gateways', async (limit) => {
    const { owner, at } = await newOrg();
    await setQuota(stack, owner.orgId, limit);
    expect(await untilRefused(at, 50)).toBe(limit);
    await countsTo(stack, owner.orgId, limit);
  });

  it('is what it says when callers move from one gateway to the next, each of which has some in store', async () => {
    const { owner, at } = await newOrg();
    await setQuota(stack, owner.orgId, 500);
    let passed = 0;
    for (const api of at) {
      for (let count = 0; count < 60; count += 1) (await api.get('/v1/vaults')).as(200);
      passed += 60;
    }
    passed += await untilRefused(at.slice(0, 1), 20);
    expect(passed).toBe(500);
  });

  it('is 1,000 requests on the free tier, and refuses with what x402 clients and people understand', async () => {
    const { owner, at } = await newOrg();
    await setQuota(stack, owner.orgId, 3);
    expect(await untilRefused(at, 1)).toBe(3);
    const refused = await at[0]!.get('/v1/vaults');
    expect(refused.status).toBe(402);
    expect(refused.json).toEqual({
      x402Version: 1,
      error: 'The monthly request quota is used up.',
      accepts: [],
      description: expect.stringContaining('3 requests'),
      type: 'about:blank',
      title: 'Payment Required',
      status: 402,
      detail: expect.stringContaining('free tier'),
    });
    expect(quotaOf(refused)).toEqual({ used: 3, limit: 3, percent: 100 });
    expect((await usageOf((await newOrg()).owner.api)).free_tier_limit).toBe(1000);
  });

  it('stops before the body is looked at, and after who calls and whether they may at all', async () => {
    const { owner, at } = await newOrg();
    const agent = await newAgent(owner);
    await nothingLeft(owner, at);
    expect((await at[0]!.post('/v1/vaults', { name: 7 })).status).toBe(402);
    expect((await at[0]!.get('/v1/vaults/none')).status).toBe(402);
    expect((await at[0]!.as('none').get('/v1/vaults')).status).toBe(401);
    expect((await agent.api.post('/v1/vaults', {})).status).toBe(403);
    expect((await agent.api.get('/v1/vaults')).status).toBe(402);
  });

  it('leaves what it refuses in the trail, once, with who tried what', async () => {
    const { owner, at } = await newOrg();
    const agent = await newAgent(owner);
    await nothingLeft(owner, at);
    const id = `refused-${owner.orgId}`;
    const path = `/v1/vaults/${owner.orgId}/secrets/a`;
    expect((await agent.api.get(path, { 'x-request-id': id })).status).toBe(402);
    await setPlan(stack, owner.orgId, { sponsored: true });
    const ofRequest = ({ request_id }: AuditEvent) => request_id === id;
    const { value: events } = await eventually('the refusal is in the trail', 15_000, async () => {
      const answer = await owner.api.get('/v1/audit/events?limit=1000');
      const found = answer.status === 200 ? answer.as<AuditPage>(200).events.filter(ofRequest) : [];
      return found.length > 0 ? found : undefined;
    });
    expect(events).toMatchObject([
      {
        actor_type: 'agent',
        actor_id: agent.id,
        action: 'secret.read',
        resource_type: 'vault',
        resource_id: owner.orgId,
        details: { outcome: 'denied', reason: 'quota_exceeded' },
      },
    ]);
  });

  it('counts and never stops account, billing, security and admin routes, and who an agent is', async () => {
    const { owner, at } = await newOrg();
    const agent = await newAgent(owner);
    // The agent was made by one.
    const before = 1 + (await nothingLeft(owner, at));
    for (const api of at) {
      (await api.get('/v1/auth/me')).as(200);
      (await api.get('/v1/billing/usage')).as(200);
    }
    (await agent.api.get('/v1/agents/me')).as(200);
    expect((await agent.api.get(`/v1/agents/${agent.id}`)).status).toBe(402);
    await countsTo(stack, owner.orgId, before + 2 * GATEWAYS + 1);
  });

  it('does not bind sponsored orgs, which see no limit', async () => {
    const { owner, at } = await newOrg();
    await setQuota(stack, owner.orgId, 1);
    await setPlan(stack, owner.orgId, { sponsored: true });
    for (let count = 0; count < 20; count += 1) {
      const answer = await at[count % GATEWAYS]!.get('/v1/vaults');
      expect([answer.status, quotaOf(answer).limit]).toEqual([200, undefined]);
    }
    await countsTo(stack, owner.orgId, 20);
  });

  it('grows at once when the plan does', async () => {
    const { owner, at } = await newOrg();
    await setQuota(stack, owner.orgId, 2);
    expect(await untilRefused(at, 3)).toBe(2);
    await setQuota(stack, owner.orgId, 5);
    const counts = await Promise.all(
      at.map(async (api) => {
        // An org that was refused is looked at again after a second.
        for (;;) if ((await api.get('/v1/vaults')).status === 200) return 1;
      }),
    );
    expect(counts).toEqual([1, 1, 1]);
    await countsTo(stack, owner.orgId, 5);
    expect((await at[0]!.get('/v1/vaults')).status).toBe(402);
  });
});

describe('the headers of every answer', () => {
  it('are exact with one gateway, from the first request on', async () => {
    const { at } = await newOrg();
    for (const used of [1, 2, 3, 4, 5]) {
      const answer = await at[1]!.get(used % 2 ? '/v1/vaults' : '/v1/vaults/none');
      expect(quotaOf(answer)).toEqual({ used, limit: 1000, percent: 0 });
      expect(answer.header('x-overage-method')).toBe('credits');
      expect(answer.header('x-credit-balance-cents')).toBe('0');
      expect(answer.header('x-credit-expiring-soon')).toBeUndefined();
      expect(answer.header('x-quota-warning')).toBeUndefined();
    }
  });

  it('warn above 80 percent', async () => {
    const { owner, at } = await newOrg();
    await setQuota(stack, owner.orgId, 10);
    const warnings: (string | undefined)[] = [];
    for (let used = 1; used <= 10; used += 1) warnings.push((await at[0]!.get('/v1/vaults')).header('x-quota-warning'));
    expect(warnings.map((warning) => warning !== undefined)).toEqual([...Array<boolean>(8).fill(false), true, true]);
    expect(warnings[9]).toContain('100 %');
  });

  it('are not on public routes, which count for nobody', async () => {
    const { owner, at } = await newOrg();
    expect(quotaOf(await at[0]!.get('/v1/health')).used).toBeUndefined();
    await at[0]!.get('/v1/vaults');
    await countsTo(stack, owner.orgId, 1);
    expect(await countedRequests(stack, owner.orgId)).toBe(1);
  });
});
