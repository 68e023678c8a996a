import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { by, trailWith } from './trail.js';
import type { Agent, Secret } from './types.js';
import {
  gateways,
  grant,
  logIn,
  newAgent,
  newOwner,
  newOwnerWithVault,
  newVault,
  type Owner,
  registerAgent,
  secretUrl,
} from './world.js';

const SECOND = 1000;
const change = (owner: Owner, id: string, body: unknown) => owner.api.send('PATCH', `/v1/agents/${id}`, body);

/** Until every gateway answers so; how long it took. */
async function everywhere(token: string | undefined, path: string, status: number): Promise<number> {
  const { elapsedMs } = await eventually(`${path} is ${status} at every gateway`, 5 * SECOND, async () => {
    const answers = await Promise.all(gateways().map((gateway) => gateway.as(token).get(path)));
    return answers.every((answer) => answer.status === status) ? true : undefined;
  });
  return elapsedMs;
}

describe('PATCH /v1/agents/:id', () => {
  it('changes what is given, keeps the rest, and clears with null', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const { id, record } = await registerAgent(owner, { description: 'before', tx_max_value_eth: '1' });
    const fields = {
      name: 'after',
      scopes: ['a/*', 'tx:sign'],
      intents_api_enabled: true,
      tx_to_allowlist: ['0x52908400098527886E0F7030069857D2E4169EE7'],
      tx_daily_limit_eth: '2.5',
      tx_allowed_chains: ['base'],
      token_ttl_seconds: 300,
      vault_ids: [vault.id],
      client_cert_fingerprint: 'ab'.repeat(32),
      oidc_issuer: 'https://issuer.example.com',
      oidc_client_id: 'client-1',
      shroud_enabled: true,
      shroud_config: { pii_policy: 'block' },
    };
    const expires_at = '2033-05-06T09:08:09+02:00';
    const changed = (await change(owner, id, { ...fields, expires_at })).as<Agent>(200);
    expect(changed).toEqual({ ...record, ...fields, expires_at: '2033-05-06T07:08:09.000Z' });
    expect((await owner.api.get(`/v1/agents/${id}`)).as(200)).toEqual(changed);
    const nothing = Object.fromEntries(
      [...Object.keys(fields), 'expires_at', 'description', 'tx_max_value_eth']
        .filter((name) => name !== 'name')
        .map((name) => [name, null]),
    );
    const cleared = (await change(owner, id, nothing)).as<Agent>(200);
    const { description: _, tx_max_value_eth: __, ...plain } = record;
    expect(cleared).toEqual({ ...plain, name: 'after' });
  });

  it('takes no notice of what nobody may change', async () => {
    const [owner, other] = [await newOwner(), await newOwner()];
    const { id, record } = await registerAgent(owner);
    const forbidden = {
      id: randomUUID(),
      org_id: other.orgId,
      created_by: other.id,
      auth_method: 'mtls',
      api_key: 'ocv_mine',
      ssh_public_key: 'AAAA',
      last_active_at: '2030-01-01T00:00:00Z',
      created_at: '2030-01-01T00:00:00Z',
    };
    expect((await change(owner, id, forbidden)).as(200)).toEqual(record);
  });

  it.each([
    ['name', { name: null }],
    ['name', { name: '' }],
    ['is_active', { is_active: 'no' }],
    ['scopes', { scopes: [7] }],
    ['scopes', { scopes: ['/a'] }],
    ['expires_at', { expires_at: 'soon' }],
    ['token_ttl_seconds', { token_ttl_seconds: 86_401 }],
    ['vault_ids', { vault_ids: ['x'] }],
    ['tx_max_value_eth', { tx_max_value_eth: 1 }],
    ['oidc_issuer', { oidc_issuer: 'not a url' }],
    ['client_cert_fingerprint', { client_cert_fingerprint: 'abc' }],
    ['shroud_config', { shroud_config: [] }],
  ])('refuses a bad %s: %j', async (field, body) => {
    const owner = await newOwner();
    const { id, record } = await registerAgent(owner);
    (await change(owner, id, { description: 'x', ...body })).invalid(field);
    expect((await owner.api.get(`/v1/agents/${id}`)).as(200)).toEqual(record);
  });

  it('is refused to agents and strangers, and needs a body', async () => {
    const [owner, other] = [await newOwner(), await newOwner()];
    const agent = await newAgent(owner);
    (await agent.api.send('PATCH', `/v1/agents/${agent.id}`, { name: 'x' })).refused(403);
    (await change(other, agent.id, { name: 'x' })).refused(404);
    (await change(owner, randomUUID(), { name: 'x' })).refused(404);
    (await change(owner, 'nonsense', { name: 'x' })).refused(400);
    (await owner.api.send('PATCH', `/v1/agents/${agent.id}`)).refused(400);
  });

  it('is in the trail with the names of what changed', async () => {
    const owner = await newOwner();
    const { id } = await registerAgent(owner);
    (await change(owner, id, { name: 'x', tx_max_value_eth: null })).as(200);
    const [event] = (await trailWith(owner.api, by('agent.update'))).filter(by('agent.update'));
    expect(event).toMatchObject({ resource_id: id, actor_id: owner.id });
    expect(event?.details['changed']).toEqual(expect.arrayContaining(['name', 'tx_max_value_eth']));
  });
});

describe('a change of an agent binds its tokens within a second, at every gateway:', () => {
  it('switched off they are dead, and stay so when it is switched on', async () => {
    const owner = await newOwner();
    const agent = await newAgent(owner);
    const { token } = agent.api;
    await everywhere(token, '/v1/agents/me', 200);
    expect((await change(owner, agent.id, { is_active: false })).as<Agent>(200).is_active).toBe(false);
    expect(await everywhere(token, '/v1/agents/me', 401)).toBeLessThan(SECOND);
    (await change(owner, agent.id, { is_active: true })).as(200);
    const revived = await logIn(agent, owner.api);
    await everywhere(revived.api.token, '/v1/agents/me', 200);
    expect(await everywhere(token, '/v1/agents/me', 401)).toBeLessThan(SECOND);
  });

  it('scopes, vaults and expiry', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const other = await newVault(owner);
    (await owner.api.put(secretUrl(vault, 'a/b'), { value: 'v' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: '**' }]);
    const url = secretUrl(vault, 'a/b');
    const { token } = agent.api;
    await everywhere(token, url, 200);
    for (const [narrower, wider] of [
      [{ scopes: ['c/*', 'tx:sign'] }, { scopes: ['a/*', 'tx:sign'] }],
      [{ vault_ids: [other.id] }, { vault_ids: [vault.id] }],
      [{ vault_ids: [other.id] }, { vault_ids: null }],
      // Labels alone are no ceiling on paths.
      [{ scopes: ['c/*'] }, { scopes: ['tx:sign'] }],
    ]) {
      (await change(owner, agent.id, narrower)).as(200);
      expect(await everywhere(token, url, 403)).toBeLessThan(SECOND);
      (await change(owner, agent.id, wider)).as(200);
      expect(await everywhere(token, url, 200)).toBeLessThan(SECOND);
    }
    (await change(owner, agent.id, { expires_at: new Date(Date.now() - SECOND).toISOString() })).as(200);
    expect(await everywhere(token, url, 401)).toBeLessThan(SECOND);
  });

  it('the Intents flag keeps it from signing keys', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'k'), { value: 'v', type: 'private_key' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: 'k' }]);
    (await agent.api.get(secretUrl(vault, 'k'))).as<Secret>(200);
    (await change(owner, agent.id, { intents_api_enabled: true })).as(200);
    expect(await everywhere(agent.api.token, secretUrl(vault, 'k'), 403)).toBeLessThan(SECOND);
  });

  it('the lifetime of tokens made from then on', async () => {
    const owner = await newOwner();
    const agent = await newAgent(owner);
    (await change(owner, agent.id, { token_ttl_seconds: 240 })).as(200);
    const answer = await owner.api
      .as(undefined)
      .post('/v1/auth/agent-token', { agent_id: agent.id, api_key: agent.apiKey });
    expect(answer.as<{ expires_in: number }>(200).expires_in).toBe(240);
    await grant(owner, agent.id, { vault: await newVault(owner), pattern: '*' });
  });
});

describe('last_active_at', () => {
  it('is when the agent last got a token', async () => {
    const owner = await newOwner();
    const registered = await registerAgent(owner);
    expect(registered.record.last_active_at ?? null).toBeNull();
    const before = Date.now();
    await logIn(registered, owner.api);
    const { last_active_at } = (await owner.api.get(`/v1/agents/${registered.id}`)).as<Agent>(200);
    expect(Math.abs(new Date(last_active_at ?? 0).getTime() - before)).toBeLessThan(30 * SECOND);
  });
});
