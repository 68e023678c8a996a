import { describe, expect, it } from '@jest/globals';
import { countOf } from './answer.js';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { by, trailWith } from './trail.js';
import type { Agent, AgentCreated } from './types.js';
import { gateway, logIn, newAgent, newOwner, newOwnerWithVault, registerAgent, secretUrl } from './world.js';

async function diesWithinASecond(api: Api): Promise<void> {
  await eventually('the token is refused', 1000, async () => {
    const { status } = await api.get('/v1/agents/me');
    return status === 401 ? true : undefined;
  });
}

describe('rotating the key of an agent', () => {
  it('answers the agent and a new key, and the old key and its tokens die', async () => {
    const owner = await newOwner();
    const agent = await newAgent(owner);
    const answer = await owner.api.post(`/v1/agents/${agent.id}/rotate-key`);
    const rotated = answer.as<AgentCreated>(200);
    expect(rotated.agent.id).toBe(agent.id);
    expect(rotated.api_key).toMatch(/^ocv_[A-Za-z0-9_-]{43}$/);
    expect(rotated.api_key).not.toBe(agent.apiKey);
    expect(answer.header('cache-control')).toBe('no-store');
    await diesWithinASecond(agent.api);
    (await gateway().post('/v1/auth/agent-token', { agent_id: agent.id, api_key: agent.apiKey })).refused(401);
    const renewed = await logIn({ ...agent, apiKey: rotated.api_key ?? '' }, gateway());
    (await renewed.api.get('/v1/agents/me')).as(200);
    await trailWith(owner.api, by('agent.rotate_key', owner.id));
  });

  it('keeps the key pairs and the grants', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: 'a' }]);
    const rotated = (await owner.api.post(`/v1/agents/${agent.id}/rotate-key`)).as<AgentCreated>(200);
    expect(rotated.agent.ssh_public_key).toBe(agent.record.ssh_public_key);
    expect(rotated.agent.ecdh_public_key).toBe(agent.record.ecdh_public_key);
    const renewed = await logIn({ ...agent, apiKey: rotated.api_key ?? '' }, gateway());
    (await renewed.api.get(secretUrl(vault, 'a'))).as(200);
  });

  it('is a conflict for agents without a key', async () => {
    const owner = await newOwner();
    const agent = await registerAgent(owner, { auth_method: 'mtls', client_cert_fingerprint: 'cd'.repeat(32) });
    (await owner.api.post(`/v1/agents/${agent.id}/rotate-key`)).refused(409);
  });

  it('at once from many sides leaves exactly one key that works', async () => {
    const owner = await newOwner();
    const agent = await registerAgent(owner);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => owner.api.post(`/v1/agents/${agent.id}/rotate-key`)),
    );
    const keys = answers.map((answer) => answer.as<AgentCreated>(200).api_key);
    const tried = await Promise.all(
      keys.map((api_key) => gateway().post('/v1/auth/agent-token', { agent_id: agent.id, api_key })),
    );
    expect([countOf(tried, 200), countOf(tried, 401)]).toEqual([1, 4]);
  });
});

describe('deactivating an agent', () => {
  it('kills its key and its tokens within a second, and keeps its record and its trail', async () => {
    const owner = await newOwner();
    const agent = await newAgent(owner);
    (await owner.api.delete(`/v1/agents/${agent.id}`)).empty();
    await diesWithinASecond(agent.api);
    (await gateway().post('/v1/auth/agent-token', { agent_id: agent.id, api_key: agent.apiKey })).refused(401);
    expect((await owner.api.get(`/v1/agents/${agent.id}`)).as<Agent>(200)).toMatchObject({ is_active: false });
    await trailWith(owner.api, by('agent.register'), by('auth.success', agent.id), by('agent.deactivate', owner.id));
  });

  it('leaves other agents alone', async () => {
    const owner = await newOwner();
    const [one, other] = [await newAgent(owner), await newAgent(owner)];
    (await owner.api.delete(`/v1/agents/${one.id}`)).empty();
    await diesWithinASecond(one.api);
    (await other.api.get('/v1/agents/me')).as(200);
  });
});

describe('an agent that expires', () => {
  it('loses its tokens when its time has come', async () => {
    const expiresAt = Date.now() + 2000;
    const agent = await newAgent(await newOwner(), [], { expires_at: new Date(expiresAt).toISOString() });
    (await agent.api.get('/v1/agents/me')).as(200);
    await eventually('the token is refused', expiresAt - Date.now() + 1000, async () => {
      const { status } = await agent.api.get('/v1/agents/me');
      return status === 401 ? true : undefined;
    });
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  });
});
