import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { mailTo } from './mails.js';
import { by, denied, trailWith } from './trail.js';
import type { ApiKey, ApiKeyCreated, Profile, Token } from './types.js';
import {
  claimsOf,
  gateway,
  gateways,
  newAgent,
  newApiKey,
  newOwner,
  newVault,
  type Owner,
  registerAgent,
} from './world.js';

const exchange = (api_key: unknown) => gateway().post('/v1/auth/api-key-token', { api_key });
const keysOf = async ({ api }: Owner) => (await api.get('/v1/auth/api-keys')).as<{ keys: ApiKey[] }>(200).keys;
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

describe('a personal API key', () => {
  it('is shown once, listed without itself, and announced by a mail', async () => {
    const owner = await newOwner();
    const fields = { name: 'ci', scopes: ['app/**', 'secrets:read'], expires_at: '2099-01-02T03:04:05.678+01:00' };
    const answer = await owner.api.post('/v1/auth/api-keys', fields);
    expect(answer.header('cache-control')).toBe('no-store');
    const { key, api_key } = answer.as<ApiKeyCreated>(201);
    expect(key).toMatchObject({
      name: 'ci',
      key_prefix: api_key.slice(0, key.key_prefix.length),
      scopes: fields.scopes,
      is_active: true,
      expires_at: '2099-01-02T02:04:05.678Z',
    });
    const list = await owner.api.get('/v1/auth/api-keys');
    expect(list.as<{ keys: ApiKey[] }>(200).keys).toEqual([key]);
    expect(list.text).not.toContain(api_key.slice(key.key_prefix.length));
    const { text } = await mailTo(owner.email, /API key was created/);
    expect(text).toContain('ci');
    expect(text).not.toContain(api_key);
    const [event] = (await trailWith(owner.api, by('apikey.create', owner.id))).filter(by('apikey.create'));
    expect(event).toMatchObject({ resource_id: key.id, details: { name: 'ci', scopes: fields.scopes } });
  });

  it.each([
    ['name', {}],
    ['name', { name: '' }],
    ['name', { name: 7 }],
    ['name', { name: 'x'.repeat(129) }],
    ['scopes', { name: 'a', scopes: 'secrets:read' }],
    ['scopes', { name: 'a', scopes: ['secrets:delete'] }],
    ['scopes', { name: 'a', scopes: ['admin:*'] }],
    ['scopes', { name: 'a', scopes: ['tx:sign'] }],
    ['scopes', { name: 'a', scopes: ['a b'] }],
    ['scopes', { name: 'a', scopes: [''] }],
    ['scopes', { name: 'a', scopes: [1] }],
    ['expires_at', { name: 'a', expires_at: 'tomorrow' }],
    ['expires_at', { name: 'a', expires_at: '2020-01-01T00:00:00Z' }],
  ])('is not made with wrong %s: %j', async (field, body) => {
    const owner = await newOwner();
    (await owner.api.post('/v1/auth/api-keys', body)).invalid(field);
    expect(await keysOf(owner)).toEqual([]);
  });

  it('takes nothing from the body but its own fields', async () => {
    const owner = await newOwner();
    const stranger = await newOwner();
    const smuggled = { id: randomUUID(), user_id: stranger.id, org_id: stranger.orgId, is_active: false, scopes: null };
    const { key } = await newApiKey(owner, smuggled);
    expect(key).toMatchObject({ is_active: true, scopes: [] });
    expect(key.id).not.toBe(smuggled.id);
    expect(await keysOf(stranger)).toEqual([]);
  });

  it('serves as bearer of every route that its user may call', async () => {
    const owner = await newOwner();
    const { api_key } = await newApiKey(owner);
    const api = owner.api.as(api_key);
    expect((await api.get('/v1/auth/me')).as<Profile>(200).id).toBe(owner.id);
    const vault = await newVault({ ...owner, api });
    (await api.put(`/v1/vaults/${vault.id}/secrets/a`, { value: 'v' })).as(201);
    (await owner.api.get(`/v1/vaults/${vault.id}/secrets/a`)).as(200);
    expect((await keysOf({ ...owner, api }))[0]?.last_used_at).toBeTruthy();
    await trailWith(owner.api, by('vault.create', owner.id), by('secret.write', owner.id));
  });

  it('is exchanged for a token of its user', async () => {
    const owner = await newOwner();
    const { api_key } = await newApiKey(owner);
    const { access_token, expires_in } = (await exchange(api_key)).as<Token>(200);
    expect(expires_in).toBe(900);
    expect(claimsOf(access_token)).toMatchObject({ sub: `user:${owner.id}`, role: 'owner', email: owner.email });
    (await gateway().as(access_token).get('/v1/vaults')).as(200);
  });

  it('ends when it says so, and its tokens with it', async () => {
    const owner = await newOwner();
    const { api_key } = await newApiKey(owner, { expires_at: inSeconds(3) });
    const { access_token, expires_in } = (await exchange(api_key)).as<Token>(200);
    expect(expires_in).toBeLessThanOrEqual(3);
    await eventually('key and token are refused', 6000, async () => {
      const answers = await Promise.all(
        [api_key, access_token].map((bearer) => gateway().as(bearer).get('/v1/auth/me')),
      );
      return answers.every(({ status }) => status === 401) ? true : undefined;
    });
    (await exchange(api_key)).refused(401);
    expect((await keysOf(owner))[0]?.is_active).toBe(false);
  });

  it('is dead within a second of being revoked, on every gateway, and its tokens with it', async () => {
    const owner = await newOwner();
    const { key, api_key } = await newApiKey(owner);
    const other = await newApiKey(owner);
    const { access_token } = (await exchange(api_key)).as<Token>(200);
    const everywhere = () =>
      Promise.all(
        gateways().flatMap((at) => [api_key, access_token].map((bearer) => at.as(bearer).get('/v1/auth/me'))),
      );
    for (const answer of await everywhere()) answer.as(200);
    (await owner.api.delete(`/v1/auth/api-keys/${key.id}`)).empty();
    await eventually('key and token are refused', 1000, async () =>
      (await everywhere()).every(({ status }) => status === 401) ? true : undefined,
    );
    (await exchange(api_key)).refused(401);
    (await owner.api.delete(`/v1/auth/api-keys/${key.id}`)).refused(404);
    (await owner.api.as(other.api_key).get('/v1/auth/me')).as(200);
    expect((await keysOf(owner)).map(({ id }) => id)).toEqual([other.key.id]);
    await trailWith(owner.api, by('apikey.revoke', owner.id));
  });

  it('is dead with its user', async () => {
    const owner = await newOwner();
    const { api_key } = await newApiKey(owner);
    (await owner.api.as(api_key).get('/v1/auth/me')).as(200);
    (await owner.api.send('DELETE', '/v1/auth/me', { confirmation: 'DELETE MY ACCOUNT' })).empty();
    await eventually('the key is refused', 1000, async () =>
      (await owner.api.as(api_key).get('/v1/auth/me')).status === 401 ? true : undefined,
    );
    (await exchange(api_key)).refused(401);
  });

  it('outlives a change of the password', async () => {
    const owner = await newOwner();
    const { api_key } = await newApiKey(owner);
    const passwords = { current_password: owner.password, new_password: 'a new horse for the old battery' };
    (await owner.api.post('/v1/auth/change-password', passwords)).empty();
    (await owner.api.as(api_key).get('/v1/auth/me')).as(200);
  });

  it('of another user cannot be revoked', async () => {
    const [owner, stranger] = [await newOwner(), await newOwner()];
    const { key, api_key } = await newApiKey(owner);
    (await stranger.api.delete(`/v1/auth/api-keys/${key.id}`)).refused(404);
    (await stranger.api.delete(`/v1/auth/api-keys/${randomUUID()}`)).refused(404);
    (await stranger.api.delete('/v1/auth/api-keys/x')).invalid('key_id');
    (await owner.api.as(api_key).get('/v1/auth/me')).as(200);
  });

  it('is revoked by its id, not as a token', async () => {
    const owner = await newOwner();
    for (const scopes of [[], ['secrets:read']]) {
      const { api_key } = await newApiKey(owner, { scopes });
      (await owner.api.as(api_key).delete('/v1/auth/token')).refused(400);
      (await owner.api.as(api_key).get('/v1/auth/me')).as(200);
    }
  });

  it('is not for agents', async () => {
    const { api } = await newAgent(await newOwner());
    (await api.get('/v1/auth/api-keys')).refused(403);
    (await api.post('/v1/auth/api-keys', { name: 'x' })).refused(403);
    (await api.delete(`/v1/auth/api-keys/${randomUUID()}`)).refused(403);
  });
});

describe('the exchange of keys', () => {
  it('takes the key of an agent, too', async () => {
    const agent = await registerAgent(await newOwner());
    const { access_token } = (await exchange(agent.apiKey)).as<Token>(200);
    expect(claimsOf(access_token).sub).toBe(`agent:${agent.id}`);
  });

  it.each([
    ['an unknown personal key', `1ck_${'A'.repeat(43)}`],
    ['an unknown key of an agent', `ocv_${'A'.repeat(43)}`],
    ['half a key', '1ck_AAAA'],
    ['something else', 'hello'],
  ])('refuses %s', async (_, key) => {
    (await exchange(key)).refused(401);
  });

  it.each([[undefined], [null], [''], [7], [['1ck_']]])('wants a key, not %j', async (key) => {
    (await exchange(key)).invalid('api_key');
  });
});

describe('what needs a login', () => {
  it('is closed to a key and to a token made with it, whatever the rights of the user', async () => {
    const owner = await newOwner();
    const { key, api_key } = await newApiKey(owner);
    const { access_token } = (await exchange(api_key)).as<Token>(200);
    const closed: [string, string, unknown?][] = [
      ['POST', '/v1/auth/api-keys', { name: 'more' }],
      ['DELETE', `/v1/auth/api-keys/${key.id}`],
      ['POST', '/v1/auth/change-password', { current_password: owner.password, new_password: 'x' }],
      ['DELETE', '/v1/auth/me', { confirmation: 'DELETE MY ACCOUNT' }],
      ['POST', '/v1/auth/mfa/setup'],
    ];
    for (const bearer of [api_key, access_token]) {
      for (const [method, path, body] of closed) (await owner.api.as(bearer).send(method, path, body)).refused(403);
    }
    (await owner.api.get('/v1/auth/me')).as(200);
    const refusals = (await trailWith(owner.api, (event) => event.action === 'apikey.revoke' && denied(event))).filter(
      denied,
    );
    expect(refusals.length).toBeGreaterThan(0);
  });
});
