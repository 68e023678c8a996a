import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import { countOf, type Answer } from './answer.js';
import { setPlan } from './plans.js';
import { gatewayOf, ownStack } from './stacks.js';
import { by, denied, trailWith } from './trail.js';
import { newOwner, newVault, registerAgent, secretUrl, type Owner } from './world.js';

let stack: Stack;

beforeAll(async () => {
  stack = await ownStack({
    replicas: { 'vault-svc': 3, 'auth-svc': 2 },
    env: { 'billing-svc': { DEFAULT_TIER: 'free' } },
  });
});

afterAll(() => stack?.stop());

const newOrg = (): Promise<Owner> => newOwner(gatewayOf(stack));

/** The answer of a plan that allows no more, in the words that clients look for. */
function expectLimit(answer: Answer, detail: string): void {
  expect(answer.refused(403)).toMatchObject({
    type: 'resource_limit_exceeded',
    title: 'Forbidden',
    status: 403,
    detail: `${detail}. Upgrade your plan for more.`,
  });
}

describe('the free tier', () => {
  it('has three vaults, however many are made at once, and leaves that in the trail', async () => {
    const owner = await newOrg();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => owner.api.post('/v1/vaults', { name: 'a vault' })),
    );
    expect(countOf(answers, 201)).toBe(3);
    expectLimit(
      answers.find(({ status }) => status === 403)!,
      'Vault limit reached (3/3 on free tier)',
    );
    const events = await trailWith(owner.api, (event) => by('vault.create')(event) && denied(event));
    expect(events.filter(by('vault.create')).filter((event) => !denied(event))).toHaveLength(3);
  });

  it('has 50 secrets, however many are written at once; those that are there get new versions', async () => {
    const owner = await newOrg();
    const vault = await newVault(owner);
    const put = (path: string) => owner.api.put(secretUrl(vault, path), { value: 'x' });
    const answers = await Promise.all(Array.from({ length: 70 }, (_, index) => put(`s/${index}`)));
    expect([countOf(answers, 201), countOf(answers, 403)]).toEqual([50, 20]);
    expectLimit(await put('one/more'), 'Secret limit reached (50/50 on free tier)');
    const written = answers.findIndex(({ status }) => status === 201);
    expect((await put(`s/${written}`)).as<{ version: number }>(201).version).toBe(2);
    (await owner.api.delete(secretUrl(vault, `s/${written}`))).empty();
    expect((await put('one/more')).status).toBe(201);
  });

  it('has two agents, and room again when one is deactivated', async () => {
    const owner = await newOrg();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => owner.api.post('/v1/agents', { name: 'an agent' })),
    );
    expect(countOf(answers, 201)).toBe(2);
    expectLimit(
      answers.find(({ status }) => status === 403)!,
      'Agent limit reached (2/2 on free tier)',
    );
    const { agent } = answers.find(({ status }) => status === 201)!.as<{ agent: { id: string } }>(201);
    (await owner.api.delete(`/v1/agents/${agent.id}`)).empty();
    await registerAgent(owner);
    expectLimit(
      await owner.api.send('PATCH', `/v1/agents/${agent.id}`, { is_active: true }),
      'Agent limit reached (2/2 on free tier)',
    );
  });
});

describe('a better plan', () => {
  it('acts at once', async () => {
    const owner = await newOrg();
    for (let count = 0; count < 3; count += 1) await newVault(owner);
    expectLimit(await owner.api.post('/v1/vaults', { name: 'x' }), 'Vault limit reached (3/3 on free tier)');
    await setPlan(stack, owner.orgId, { tier: 'pro' });
    await newVault(owner);
  });

  it('is nothing that a sponsored org needs', async () => {
    const owner = await newOrg();
    await setPlan(stack, owner.orgId, { sponsored: true });
    for (let count = 0; count < 5; count += 1) await newVault(owner);
    for (let count = 0; count < 4; count += 1) await registerAgent(owner);
  });
});
