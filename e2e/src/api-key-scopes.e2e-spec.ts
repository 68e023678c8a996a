import { describe, expect, it } from '@jest/globals';
import type { Api } from './client.js';
import { denied, trailWith } from './trail.js';
import type { Secret, SecretList, Token } from './types.js';
import { gateway, newApiKey, newOwnerWithVault, secretUrl, type Owner } from './world.js';

/** As a key with these scopes, and as a token made with it. */
async function scoped(owner: Owner, scopes: string[]): Promise<Api[]> {
  const { api_key } = await newApiKey(owner, { scopes });
  const { access_token } = (await gateway().post('/v1/auth/api-key-token', { api_key })).as<Token>(200);
  return [owner.api.as(api_key), owner.api.as(access_token)];
}

describe('paths in the scopes of a key', () => {
  it('are a ceiling on secrets: reading, writing, listing and deleting', async () => {
    const { owner, vault } = await newOwnerWithVault();
    for (const path of ['app/a', 'app/b/c', 'other'])
      (await owner.api.put(secretUrl(vault, path), { value: 'v' })).as(201);
    for (const api of await scoped(owner, ['app/*'])) {
      expect((await api.get(secretUrl(vault, 'app/a'))).as<Secret>(200).value).toBe('v');
      (await api.put(secretUrl(vault, 'app/a'), { value: 'v' })).as(201);
      for (const path of ['other', 'app/b/c', 'missing']) {
        (await api.get(secretUrl(vault, path))).refused(403);
        (await api.put(secretUrl(vault, path), { value: 'x' })).refused(403);
        (await api.delete(secretUrl(vault, path))).refused(403);
      }
      const { secrets } = (await api.get(`/v1/vaults/${vault.id}/secrets`)).as<SecretList>(200);
      expect(secrets.map(({ path }) => path)).toEqual(['app/a']);
    }
    expect((await owner.api.get(secretUrl(vault, 'other'))).as<Secret>(200).value).toBe('v');
  });

  it('are no ceiling as a lone star', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a/b/c'), { value: 'v' })).as(201);
    for (const api of await scoped(owner, ['*'])) (await api.get(secretUrl(vault, 'a/b/c'))).as(200);
  });
});

describe('areas in the scopes of a key', () => {
  it('limit it to them, and reading to reading', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    for (const api of await scoped(owner, ['secrets:read'])) {
      (await api.get(secretUrl(vault, 'a'))).as(200);
      (await api.get(`/v1/vaults/${vault.id}/secrets`)).as(200);
      (await api.put(secretUrl(vault, 'a'), { value: 'x' })).refused(403);
      (await api.delete(secretUrl(vault, 'a'))).refused(403);
      (await api.get('/v1/vaults')).refused(403);
      (await api.get('/v1/agents')).refused(403);
      (await api.get('/v1/audit/events')).refused(403);
      (await api.get(`/v1/vaults/${vault.id}/policies`)).refused(403);
      (await api.get('/v1/auth/api-keys')).refused(403);
      (await api.send('PATCH', '/v1/auth/me', { display_name: 'x' })).refused(403);
    }
    await trailWith(owner.api, (event) => event.action === 'secret.write' && denied(event));
  });

  it.each([
    ['vaults:write', 'GET', '/v1/vaults'],
    ['vaults:*', 'GET', '/v1/vaults'],
    ['agents:read', 'GET', '/v1/agents'],
    ['audit:read', 'GET', '/v1/audit/events'],
    ['org:read', 'GET', '/v1/auth/me'],
    ['billing:*', 'GET', '/v1/auth/me'],
    ['shares:write', 'GET', '/v1/auth/me'],
  ])('as %s open %s %s', async (scope, method, path) => {
    const { owner } = await newOwnerWithVault();
    for (const api of await scoped(owner, [scope])) (await api.send(method, path)).as(200);
  });

  it('hold together with paths', async () => {
    const { owner, vault } = await newOwnerWithVault();
    for (const path of ['app/a', 'other']) (await owner.api.put(secretUrl(vault, path), { value: 'v' })).as(201);
    for (const api of await scoped(owner, ['app/**', 'secrets:read', 'vaults:read'])) {
      (await api.get(secretUrl(vault, 'app/a'))).as(200);
      (await api.get(secretUrl(vault, 'other'))).refused(403);
      (await api.put(secretUrl(vault, 'app/a'), { value: 'x' })).refused(403);
      (await api.get('/v1/vaults')).as(200);
      (await api.post('/v1/vaults', { name: 'x' })).refused(403);
    }
  });

  it('come before validation and before what exists', async () => {
    const { owner, vault } = await newOwnerWithVault();
    for (const api of await scoped(owner, ['audit:read'])) {
      (await api.post('/v1/vaults', { name: 7 })).refused(403);
      (await api.get('/v1/vaults/not-a-uuid')).refused(403);
      (await api.get(secretUrl(vault, 'missing'))).refused(403);
    }
  });
});
