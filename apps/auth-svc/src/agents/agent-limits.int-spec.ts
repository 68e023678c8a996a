import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Plan } from '@oneclaw/contracts/billing';
import { type AuthWorld, type Replica, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { anonymous, createAgent, exchangeKey, type Human, signUp } from '../testing/people.js';

const LIMIT = 3;

let world: AuthWorld;
let replicas: Replica[];
let owner: Human;

beforeAll(async () => {
  world = await startAuthWorld();
  replicas = [world, await world.startReplica(), await world.startReplica()];
});
afterAll(() => world.close());
beforeEach(async () => {
  owner = await signUp(world);
  setPlan({ agentLimit: LIMIT });
});

const setPlan = (plan: Partial<Plan>) =>
  world.billing.plans.set(owner.orgId, { tier: 'free', exempt: false, cmekAllowed: false, ...plan });
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const limitReached = {
  code: 'resource_limit_exceeded',
  message: `Agent limit reached (${LIMIT}/${LIMIT} on free tier). Upgrade your plan for more.`,
};
const isMade = async (attempt: Promise<unknown>) =>
  attempt.then(
    () => true,
    (error: Error) => {
      expect(error).toMatchObject(limitReached);
      return false;
    },
  );
const countMade = async (attempts: readonly Promise<unknown>[]) =>
  (await Promise.all(attempts.map(isMade))).filter(Boolean).length;
const update = (agentId: string, change: object, at: Replica = world) =>
  at.agents.updateAgent(
    { agentId, fields: [], settings: undefined, isActive: undefined, ...change } as never,
    owner.call,
  );
const deactivate = (agentId: string) => world.agents.deactivateAgent({ agentId }, owner.call);
const active = async () =>
  (await world.agents.listAgents({}, owner.call)).agents.filter(({ isActive }) => isActive).length;
const refusals = async () =>
  (await recordedEvents(world.owner)).audit.filter(
    ({ orgId, details }) =>
      orgId === owner.orgId && (details as { reason?: string }).reason === 'resource_limit_exceeded',
  );

/** As one that enrolled itself, without the mail. */
async function enrolled(): Promise<{ id: string; apiKey: string }> {
  const { id, apiKey } = await createAgent(world, owner);
  await world.owner.query(`UPDATE agents SET unused_until = now() + interval '7 days' WHERE id = $1`, [id]);
  return { id, apiKey };
}

async function firstToken(apiKey: string, at: Replica = world) {
  const { results } = await at.agentTokens.exchangeAgentKeys({ exchanges: [{ apiKey }] }, anonymous());
  return results[0]!;
}

describe('the active agents of an org', () => {
  it('end at the limit, exactly, of 30 parallel registrations over three replicas', async () => {
    expect(await countMade(times(30, (index) => createAgent(replicas[index % 3]!, owner)))).toBe(LIMIT);
    expect(await active()).toBe(LIMIT);
  });

  it('beyond the limit are refused in the trail, and cost no key', async () => {
    for (let count = 0; count < LIMIT; count += 1) await createAgent(world, owner);
    const provisioned = world.vault.provisioned.calls.length;
    await expect(createAgent(world, owner)).rejects.toMatchObject(limitReached);
    expect(world.vault.provisioned.calls).toHaveLength(provisioned);
    expect(await refusals()).toMatchObject([{ action: 'agent.register', actorId: owner.id }]);
  });

  it('leave room when one is deactivated, which activating takes again', async () => {
    const [first] = await Promise.all(times(LIMIT, () => createAgent(world, owner)));
    const { id } = first!;
    await deactivate(id);
    await createAgent(world, owner);
    await expect(update(id, { isActive: true })).rejects.toMatchObject(limitReached);
    await update(id, { fields: ['name'], settings: { name: 'still here' } });
    setPlan({ tier: 'pro', agentLimit: LIMIT + 1 });
    await update(id, { isActive: true });
    expect(await active()).toBe(LIMIT + 1);
  });

  it('are activated up to the limit, exactly, of ten at once', async () => {
    setPlan({ tier: 'enterprise' });
    const ids = await Promise.all(times(10, async () => (await createAgent(world, owner)).id));
    await Promise.all(ids.map(deactivate));
    const fresh = [await world.startReplica(), await world.startReplica()];
    setPlan({ agentLimit: LIMIT });
    expect(await countMade(ids.map((id, index) => update(id, { isActive: true }, fresh[index % 2])))).toBe(LIMIT);
    expect(await active()).toBe(LIMIT);
  });

  it('leave room when one expires, and a later end takes it again', async () => {
    const [first] = await Promise.all(times(LIMIT, () => createAgent(world, owner)));
    const { id } = first!;
    await world.owner.query(`UPDATE agents SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
    await createAgent(world, owner);
    const later = { fields: ['expires_at'], settings: { expiresAt: new Date(Date.now() + 86_400_000) } };
    await expect(update(id, later)).rejects.toMatchObject(limitReached);
    expect(await refusals()).toMatchObject([{ action: 'agent.update', resourceId: id }]);
  });

  it('may be deactivated and changed where the plan allows less than there are', async () => {
    const ids = await Promise.all(times(LIMIT, async () => (await createAgent(world, owner)).id));
    const fresh = await world.startReplica();
    setPlan({ agentLimit: 1 });
    await update(ids[0]!, { isActive: true, fields: [] }, fresh);
    await deactivate(ids[0]!);
    await expect(createAgent(fresh, owner)).rejects.toMatchObject({
      message: 'Agent limit reached (2/1 on free tier). Upgrade your plan for more.',
    });
  });
});

describe('an agent that enrolled itself', () => {
  it('counts from its first token on', async () => {
    const { apiKey } = await enrolled();
    await Promise.all(times(LIMIT - 1, () => createAgent(world, owner)));
    expect((await firstToken(apiKey)).accepted).toBe(true);
    await expect(createAgent(world, owner)).rejects.toMatchObject(limitReached);
    expect(await exchangeKey(world, apiKey)).toBeDefined();
  });

  it('gets no first token beyond the plan, is told why, and gets one when there is room', async () => {
    const { id, apiKey } = await enrolled();
    const [other] = await Promise.all(times(LIMIT, () => createAgent(world, owner)));
    expect(await firstToken(apiKey)).toMatchObject({ accepted: false, token: undefined, refusal: limitReached });
    expect(await refusals()).toMatchObject([{ action: 'auth.failure', resourceId: id }]);
    await deactivate(other!.id);
    expect(await firstToken(apiKey)).toMatchObject({ accepted: true, refusal: undefined });
  });

  it('is one of exactly as many as there is room for, of eight that come at once, some of them twice', async () => {
    setPlan({ tier: 'enterprise' });
    const agents = await Promise.all(times(8, () => enrolled()));
    setPlan({ agentLimit: LIMIT });
    const results = await Promise.all(times(16, (index) => firstToken(agents[index % 8]!.apiKey, replicas[index % 3])));
    const accepted = new Set(results.flatMap(({ accepted: isAccepted, agentId }) => (isAccepted ? [agentId] : [])));
    expect(accepted.size).toBe(LIMIT);
    expect(results.filter(({ accepted: isAccepted }) => isAccepted)).toHaveLength(2 * LIMIT);
  });

  it('does not keep others of its batch from their tokens', async () => {
    const { apiKey } = await enrolled();
    const known = await Promise.all(times(LIMIT, () => createAgent(world, owner)));
    const exchanges = [{ apiKey: known[0]!.apiKey }, { apiKey }, { apiKey: known[1]!.apiKey }, { apiKey: 'ocv_none' }];
    const { results } = await world.agentTokens.exchangeAgentKeys({ exchanges }, anonymous());
    expect(results.map(({ accepted, refusal }) => [accepted, refusal?.code])).toEqual([
      [true, undefined],
      [false, 'resource_limit_exceeded'],
      [true, undefined],
      [false, undefined],
    ]);
  });
});
