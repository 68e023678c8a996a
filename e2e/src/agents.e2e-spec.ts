import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Agent, AgentCreated } from './types.js';
import { newAgent, newOwner, newOwnerWithVault, registerAgent } from './world.js';

const FINGERPRINT = 'ab'.repeat(32);

describe('registering agents', () => {
  it('fills in what was left out', async () => {
    const owner = await newOwner();
    const { agent, api_key } = (await owner.api.post('/v1/agents', { name: 'plain' })).as<AgentCreated>(201);
    expect(api_key).toMatch(/^ocv_[A-Za-z0-9_-]{43}$/);
    expect(agent).toMatchObject({
      name: 'plain',
      auth_method: 'api_key',
      is_active: true,
      intents_api_enabled: false,
      shroud_enabled: false,
      scopes: [],
      tx_to_allowlist: [],
      tx_allowed_chains: [],
      vault_ids: [],
    });
    for (const unset of ['description', 'expires_at', 'last_active_at', 'token_ttl_seconds', 'oidc_issuer'] as const)
      expect(agent[unset] ?? null).toBeNull();
  });

  it('keeps every field, and shows the same in creation, get and list', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const fields = {
      name: 'rich',
      description: 'signs things',
      scopes: ['vaults:read', 'tx:sign', 'keys/**'],
      expires_at: '2031-05-06T07:08:09Z',
      intents_api_enabled: true,
      tx_to_allowlist: ['0x52908400098527886E0F7030069857D2E4169EE7'],
      tx_max_value_eth: '0.5',
      tx_daily_limit_eth: '12.000000000000000001',
      tx_allowed_chains: ['ethereum', 'base'],
      token_ttl_seconds: 600,
      vault_ids: [vault.id],
      shroud_enabled: true,
      shroud_config: { pii_policy: 'block' },
    };
    const created = await registerAgent(owner, fields);
    const { expires_at, ...rest } = fields;
    expect(created.record).toMatchObject(rest);
    expect(new Date(created.record.expires_at ?? 0)).toEqual(new Date(expires_at));
    const got = (await owner.api.get(`/v1/agents/${created.id}`)).as<Agent>(200);
    const { agents } = (await owner.api.get('/v1/agents')).as<{ agents: Agent[] }>(200);
    expect(got).toEqual(created.record);
    expect(agents).toEqual([created.record]);
  });

  it('gives no key to agents of other methods', async () => {
    const owner = await newOwner();
    const mtls = { name: 'm', auth_method: 'mtls', client_cert_fingerprint: FINGERPRINT };
    const oidc = {
      name: 'o',
      auth_method: 'oidc_client_credentials',
      oidc_issuer: 'https://issuer.example.com',
      oidc_client_id: 'client-1',
    };
    for (const fields of [mtls, oidc]) {
      const body = (await owner.api.post('/v1/agents', fields)).as<AgentCreated>(201);
      expect(body).not.toHaveProperty('api_key');
      expect(body.agent).toMatchObject(fields);
    }
  });

  it('never lets the answer with the key be stored', async () => {
    const owner = await newOwner();
    expect((await owner.api.post('/v1/agents', { name: 'x' })).header('cache-control')).toBe('no-store');
  });

  it.each([
    ['name', {}],
    ['name', { name: '' }],
    ['name', { name: null }],
    ['name', { name: 'x'.repeat(10_000) }],
    ['description', { description: 7 }],
    ['auth_method', { auth_method: 'password' }],
    ['client_cert_fingerprint', { auth_method: 'mtls' }],
    ['client_cert_fingerprint', { auth_method: 'mtls', client_cert_fingerprint: 'abc' }],
    ['oidc_issuer', { auth_method: 'oidc_client_credentials', oidc_client_id: 'c' }],
    ['oidc_client_id', { auth_method: 'oidc_client_credentials', oidc_issuer: 'https://issuer.example.com' }],
    ['oidc_issuer', { auth_method: 'oidc_client_credentials', oidc_client_id: 'c', oidc_issuer: 'not a url' }],
    ['scopes', { scopes: 'vaults:read' }],
    ['scopes', { scopes: [7] }],
    ['expires_at', { expires_at: 'tomorrow' }],
    ['expires_at', { expires_at: '2031-02-30T00:00:00Z' }],
    ['expires_at', { expires_at: 1893456000 }],
    ['intents_api_enabled', { intents_api_enabled: 'yes' }],
    ['tx_to_allowlist', { tx_to_allowlist: '0x0' }],
    ['tx_max_value_eth', { tx_max_value_eth: 0.5 }],
    ['tx_max_value_eth', { tx_max_value_eth: 'much' }],
    ['tx_daily_limit_eth', { tx_daily_limit_eth: '-1' }],
    ['tx_allowed_chains', { tx_allowed_chains: [1] }],
    ['token_ttl_seconds', { token_ttl_seconds: 119 }],
    ['token_ttl_seconds', { token_ttl_seconds: 86_401 }],
    ['token_ttl_seconds', { token_ttl_seconds: '600' }],
    ['token_ttl_seconds', { token_ttl_seconds: 600.5 }],
    ['vault_ids', { vault_ids: ['not-a-uuid'] }],
    ['shroud_enabled', { shroud_enabled: 1 }],
    ['shroud_config', { shroud_config: 'on' }],
  ])('refuses a bad %s: %j', async (field, fields) => {
    const owner = await newOwner();
    const name = field === 'name' ? {} : { name: 'x' };
    (await owner.api.post('/v1/agents', { ...name, ...fields })).invalid(field);
    expect((await owner.api.get('/v1/agents')).as<{ agents: Agent[] }>(200).agents).toEqual([]);
  });

  it.each([120, 86_400])('takes %d seconds as the lifetime of tokens', async (seconds) => {
    const { record } = await registerAgent(await newOwner(), { token_ttl_seconds: seconds });
    expect(record.token_ttl_seconds).toBe(seconds);
  });

  it('treats null for optional fields as absent', async () => {
    const { record } = await registerAgent(await newOwner(), {
      description: null,
      scopes: null,
      expires_at: null,
      intents_api_enabled: null,
      tx_to_allowlist: null,
      tx_max_value_eth: null,
      token_ttl_seconds: null,
      vault_ids: null,
      shroud_config: null,
    });
    expect(record).toMatchObject({ scopes: [], vault_ids: [], tx_to_allowlist: [], intents_api_enabled: false });
  });

  it('takes neither id, org, key nor activity from the body', async () => {
    const [owner, other] = [await newOwner(), await newOwner()];
    const id = randomUUID();
    const created = await registerAgent(owner, {
      id,
      org_id: other.orgId,
      is_active: false,
      created_by: other.id,
      api_key: 'ocv_mine',
      ssh_public_key: 'AAAA',
    });
    expect(created.id).not.toBe(id);
    expect(created.record.is_active).toBe(true);
    expect(created.apiKey).not.toBe('ocv_mine');
    (await other.api.get(`/v1/agents/${created.id}`)).refused(404);
  });

  it('gives agents random ids that do not reveal their time', async () => {
    const { id } = await registerAgent(await newOwner());
    expect(id[14]).toBe('4');
  });
});

describe('seeing agents', () => {
  it("hides another org's agents", async () => {
    const [owner, other] = [await newOwner(), await newOwner()];
    const agent = await registerAgent(owner);
    (await other.api.get(`/v1/agents/${agent.id}`)).refused(404);
    (await other.api.delete(`/v1/agents/${agent.id}`)).refused(404);
    (await other.api.post(`/v1/agents/${agent.id}/rotate-key`)).refused(404);
    expect((await other.api.get('/v1/agents')).as<{ agents: Agent[] }>(200).agents).toEqual([]);
  });

  it('answers 404 for an unknown id and 400 for what is none', async () => {
    const { api } = await newOwner();
    (await api.get(`/v1/agents/${randomUUID()}`)).refused(404);
    (await api.get('/v1/agents/not-a-uuid')).refused(400);
  });

  it('shows an agent its own profile, with its org and who registered it', async () => {
    const owner = await newOwner();
    const agent = await newAgent(owner);
    expect((await agent.api.get('/v1/agents/me')).as(200)).toMatchObject({
      id: agent.id,
      org_id: owner.orgId,
      created_by: owner.id,
      is_active: true,
      ssh_public_key: agent.record.ssh_public_key,
      ecdh_public_key: agent.record.ecdh_public_key,
    });
    (await owner.api.get('/v1/agents/me')).refused(403);
  });
});
