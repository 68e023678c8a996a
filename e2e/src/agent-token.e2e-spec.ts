import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Answer } from './answer.js';
import { eventually } from './eventually.js';
import { departures } from './shapes.js';
import { by, trailWith } from './trail.js';
import type { KeyOnlyToken, Token } from './types.js';
import { claimsOf, gateway, logIn, newOwner, newOwnerWithVault, registerAgent } from './world.js';

const exchange = (body: unknown) => gateway().post('/v1/auth/agent-token', body);
const randomKey = (): string => `ocv_${randomBytes(32).toString('base64url')}`;

function essence(answer: Answer): unknown {
  const { instance: _, ...rest } = answer.refused(401);
  return rest;
}

describe('POST /v1/auth/agent-token', () => {
  it('answers exactly a token, its type and its lifetime to an agent that names itself', async () => {
    const agent = await registerAgent(await newOwner());
    const answer = await exchange({ agent_id: agent.id, api_key: agent.apiKey });
    const token = answer.as<Token>(200);
    expect(departures('TokenResponse', token)).toBeUndefined();
    expect(token.expires_in).toBe(3600);
    expect(answer.header('cache-control')).toBe('no-store');
  });

  it('answers the id and the vaults too to an agent that knows only its key', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await registerAgent(owner, { vault_ids: [vault.id] });
    const token = (await exchange({ api_key: agent.apiKey })).as<KeyOnlyToken>(200);
    expect(departures('KeyOnlyTokenResponse', token)).toBeUndefined();
    expect(token).toMatchObject({ agent_id: agent.id, vault_ids: [vault.id], expires_in: 3600 });
    (await gateway().as(token.access_token).get('/v1/agents/me')).as(200);
  });

  it('treats a null agent_id as absent', async () => {
    const agent = await registerAgent(await newOwner());
    const token = (await exchange({ agent_id: null, api_key: agent.apiKey })).as<KeyOnlyToken>(200);
    expect(token.agent_id).toBe(agent.id);
    expect(token.vault_ids).toEqual([]);
  });

  it('gives tokens the lifetime that the agent has of its own', async () => {
    const agent = await registerAgent(await newOwner(), { token_ttl_seconds: 120 });
    const token = (await exchange({ agent_id: agent.id, api_key: agent.apiKey })).as<Token>(200);
    const { iat, exp } = claimsOf(token.access_token);
    expect(token.expires_in).toBe(120);
    expect(exp - iat).toBe(120);
  });

  it('gives one and the same refusal for an unknown agent, a bad key, the key of another and an inactive agent', async () => {
    const owner = await newOwner();
    const [agent, other] = [await registerAgent(owner), await registerAgent(owner)];
    const [gone, late] = [
      await registerAgent(owner),
      await registerAgent(owner, { expires_at: new Date(Date.now() + 1000).toISOString() }),
    ];
    (await owner.api.delete(`/v1/agents/${gone.id}`)).empty();
    const expired = await eventually('the agent expires', 5000, async () => {
      const answer = await exchange({ agent_id: late.id, api_key: late.apiKey });
      return answer.status === 401 ? answer : undefined;
    });
    const refusals = [
      expired.value,
      await exchange({ agent_id: randomUUID(), api_key: agent.apiKey }),
      await exchange({ agent_id: agent.id, api_key: randomKey() }),
      await exchange({ agent_id: agent.id, api_key: 'nonsense' }),
      await exchange({ agent_id: agent.id, api_key: other.apiKey }),
      await exchange({ agent_id: gone.id, api_key: gone.apiKey }),
      await exchange({ api_key: gone.apiKey }),
      await exchange({ api_key: randomKey() }),
      await exchange({ api_key: `${agent.apiKey}x` }),
      await exchange({ api_key: agent.apiKey.slice(0, -1) }),
    ].map(essence);
    expect(new Set(refusals.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  it('refuses a body with neither key, assertion nor certificate, whatever the agent', async () => {
    const agent = await registerAgent(await newOwner());
    for (const body of [{}, { agent_id: agent.id }, { agent_id: randomUUID() }, { api_key: null }])
      (await exchange(body)).refused(400);
  });

  it.each([
    ['agent_id', { agent_id: 'not-a-uuid', api_key: 'ocv_x' }],
    ['agent_id', { agent_id: 5, api_key: 'ocv_x' }],
    ['api_key', { api_key: 5 }],
    ['api_key', { api_key: ['ocv_x'] }],
  ])('says that %s is of the wrong type or form', async (field, body) => {
    (await exchange(body)).invalid(field);
  });

  it('writes who got a token, and refused keys of a known agent, into the trail', async () => {
    const owner = await newOwner();
    const agent = await registerAgent(owner);
    (await exchange({ agent_id: agent.id, api_key: randomKey() })).refused(401);
    await logIn(agent, gateway());
    const events = await trailWith(owner.api, by('auth.success', agent.id), by('auth.failure'));
    expect(events.filter(by('auth.success', agent.id))).toHaveLength(1);
    expect(events.filter(by('auth.failure'))).toHaveLength(1);
  });

  it('serves many agents and many requests at once, each its own token', async () => {
    const owner = await newOwner();
    const agents = [await registerAgent(owner), await registerAgent(owner)];
    const rounds = Array.from({ length: 40 }, (_, round) => agents[round % 2] ?? agents[0]);
    const tokens = await Promise.all(
      rounds.map(async (agent) => {
        const token = (await exchange({ agent_id: agent?.id, api_key: agent?.apiKey })).as<Token>(200);
        expect(claimsOf(token.access_token).sub).toBe(`agent:${agent?.id}`);
        return claimsOf(token.access_token).jti;
      }),
    );
    expect(new Set(tokens).size).toBe(rounds.length);
  });
});
