import { describe, expect, it } from '@jest/globals';
import type { Plan } from '@oneclaw/contracts/billing';
import { unavailable } from '@oneclaw/errors';
import { OrgPlans, limitReached } from './org-plans.js';

const CALL = { requestId: 'r1' };

function world() {
  const state = { tier: 'free', up: true, asked: 0, now: 0 };
  const client = {
    getPlan: async ({ orgId = '' }: { orgId?: string }) => {
      state.asked += 1;
      const { tier, up } = state;
      await Promise.resolve();
      if (!up) throw unavailable('Away.');
      return { plan: { orgId, tier, exempt: false, cmekAllowed: false } as Plan };
    },
  };
  const plans = new OrgPlans(client, () => state.now);
  return {
    state,
    plans,
    get: async () => (await plans.get('o1', CALL)).tier,
    current: async () => (await plans.current('o1', CALL)).tier,
  };
}

describe('plans of orgs', () => {
  it('are asked for once in ten seconds, however many want to know', async () => {
    const { state, get } = world();
    await Promise.all([get(), get(), get()]);
    state.now = 9_999;
    await get();
    expect(state.asked).toBe(1);
    state.now = 10_000;
    await get();
    expect(state.asked).toBe(2);
  });

  it('show a change at once to whoever is about to refuse, and from then on to all', async () => {
    const { state, get, current } = world();
    expect(await get()).toBe('free');
    state.tier = 'pro';
    expect(await get()).toBe('free');
    expect(await current()).toBe('pro');
    expect(await get()).toBe('pro');
  });

  it('outlive an absence of billing-svc by a day', async () => {
    const { state, get, current } = world();
    await get();
    state.up = false;
    state.now = 86_399_999;
    expect([await get(), await current()]).toEqual(['free', 'free']);
    state.now = 86_400_000;
    await expect(get()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('that were never told are unavailable while billing-svc is away, and no longer', async () => {
    const { state, get } = world();
    state.up = false;
    await expect(get()).rejects.toMatchObject({ code: 'unavailable' });
    state.up = true;
    expect(await get()).toBe('free');
  });
});

describe('within a plan', () => {
  const withinLimit = (plan: Plan) =>
    plan.tier === 'pro' ? Promise.resolve('made') : Promise.reject(limitReached('Vault', 3, 3, plan.tier));

  it('things are made without asking again', async () => {
    const { state, plans } = world();
    state.tier = 'pro';
    expect(await plans.within('o1', CALL, withinLimit)).toBe('made');
    expect(state.asked).toBe(1);
  });

  it('nobody is refused by a plan that was better since', async () => {
    const { state, plans, get } = world();
    await get();
    state.tier = 'pro';
    expect(await plans.within('o1', CALL, withinLimit)).toBe('made');
  });

  it('the refusal stands where the plan is what it was, and is not tried twice', async () => {
    const { plans } = world();
    let tries = 0;
    const attempt = (plan: Plan) => ((tries += 1), withinLimit(plan));
    await expect(plans.within('o1', CALL, attempt)).rejects.toMatchObject({ code: 'resource_limit_exceeded' });
    expect(tries).toBe(1);
  });

  it('other failures are nobody else’s business', async () => {
    const { state, plans } = world();
    await expect(plans.within('o1', CALL, () => Promise.reject(unavailable('No.')))).rejects.toThrow('No.');
    expect(state.asked).toBe(1);
  });
});

describe('a reached limit', () => {
  it('says what is reached and what to do', () => {
    expect(limitReached('Vault', 3, 3, 'free')).toMatchObject({
      code: 'resource_limit_exceeded',
      message: 'Vault limit reached (3/3 on free tier). Upgrade your plan for more.',
    });
  });
});
