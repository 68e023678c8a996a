import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Agent, AuditPage, SecretList, Vault } from './types.js';
import { grant, logIn, newAgent, newOwnerWithVault, newVault, registerAgent, secretUrl } from './world.js';

describe('what an agent may call', () => {
  it('is its own profile, vaults, secrets as granted, its own events, and the end of its session', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'write', 'delete'] }]);
    (await agent.api.get('/v1/agents/me')).as(200);
    (await agent.api.get(`/v1/agents/${agent.id}`)).as<Agent>(200);
    (await agent.api.get('/v1/vaults')).as(200);
    (await agent.api.get(`/v1/vaults/${vault.id}`)).as<Vault>(200);
    (await agent.api.get(`/v1/vaults/${vault.id}/secrets`)).as<SecretList>(200);
    (await agent.api.put(secretUrl(vault, 'b'), { value: 'v' })).as(201);
    (await agent.api.get(secretUrl(vault, 'b'))).as(200);
    (await agent.api.delete(secretUrl(vault, 'b'))).empty();
    (await agent.api.get('/v1/audit/events')).as<AuditPage>(200);
    (await agent.api.delete('/v1/auth/token')).empty();
  });

  it('is nothing else, and is refused before the body is looked at', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'write', 'delete'] }]);
    const other = await registerAgent(owner);
    const policy = await grant(owner, other.id, { vault, pattern: 'x' });
    const refused: [method: string, path: string, body?: unknown][] = [
      ['GET', '/v1/auth/me'],
      ['POST', '/v1/vaults', { name: 7 }],
      ['DELETE', `/v1/vaults/${vault.id}`],
      ['POST', `/v1/vaults/${vault.id}/policies`, {}],
      ['GET', `/v1/vaults/${vault.id}/policies`],
      ['PUT', `/v1/vaults/${vault.id}/policies/${policy.id}`, { permissions: 'all' }],
      ['DELETE', `/v1/vaults/${vault.id}/policies/${policy.id}`],
      ['POST', '/v1/agents', {}],
      ['GET', '/v1/agents'],
      ['GET', `/v1/agents/${other.id}`],
      ['DELETE', `/v1/agents/${agent.id}`],
      ['DELETE', `/v1/agents/${other.id}`],
      ['POST', `/v1/agents/${agent.id}/rotate-key`],
    ];
    for (const [method, path, body] of refused) (await agent.api.send(method, path, body)).refused(403);
  });
});

describe('the vaults that an agent sees', () => {
  it('are those in which a policy grants it something', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const hidden = await newVault(owner);
    const agent = await newAgent(owner, [{ vault, pattern: 'a' }]);
    const { vaults } = (await agent.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200);
    expect(vaults).toEqual([vault]);
    (await agent.api.get(`/v1/vaults/${hidden.id}`)).refused(403);
    (await agent.api.get(`/v1/vaults/${randomUUID()}`)).refused(404);
  });

  it('are none for an agent without policies', async () => {
    const { owner } = await newOwnerWithVault();
    const agent = await newAgent(owner);
    expect((await agent.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200).vaults).toEqual([]);
  });

  it('lie within its binding, whatever its policies grant beyond', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const beyond = await newVault(owner);
    for (const each of [vault, beyond]) (await owner.api.put(secretUrl(each, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(
      owner,
      [
        { vault, pattern: '**' },
        { vault: beyond, pattern: '**' },
      ],
      { vault_ids: [vault.id] },
    );
    (await agent.api.get(secretUrl(vault, 'a'))).as(200);
    (await agent.api.get(secretUrl(beyond, 'a'))).refused(403);
    expect((await agent.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200).vaults).toEqual([vault]);
  });
});

describe('the scopes of an agent', () => {
  it.each([
    ['a path pattern is a ceiling', ['app/*'], 'app/a', 'db/a'],
    ['labels with a colon are no ceiling', ['vaults:read', 'tx:sign'], 'db/a', undefined],
    ['a star alone is no ceiling', ['*'], 'db/deep/a', undefined],
    ['a pattern beside labels is a ceiling', ['vaults:read', 'db/**'], 'db/deep/a', 'app/a'],
    ['several patterns add up', ['app/*', 'db/a'], 'db/a', 'db/b'],
    ['a star beside another pattern is a pattern of one segment', ['*', 'db/a'], 'top', 'app/a'],
  ])('%s', async (_, scopes, allowed, forbidden) => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'write'] }], { scopes });
    (await owner.api.put(secretUrl(vault, allowed), { value: 'v' })).as(201);
    (await agent.api.get(secretUrl(vault, allowed))).as(200);
    if (forbidden === undefined) return;
    (await owner.api.put(secretUrl(vault, forbidden), { value: 'v' })).as(201);
    (await agent.api.get(secretUrl(vault, forbidden))).refused(403);
    (await agent.api.put(secretUrl(vault, forbidden), { value: 'mine' })).refused(403);
    const { secrets } = (await agent.api.get(`/v1/vaults/${vault.id}/secrets`)).as<SecretList>(200);
    expect(secrets.map((secret) => secret.path)).toEqual([allowed]);
  });

  it('grant nothing by themselves', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(owner, [], { scopes: ['*'] });
    (await agent.api.get(secretUrl(vault, 'a'))).refused(403);
  });
});

describe('an agent of the Intents API', () => {
  it.each(['private_key', 'ssh_key'])('gets no %s, neither the latest nor an older version', async (type) => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await registerAgent(owner, { intents_api_enabled: true });
    await grant(owner, agent.id, { vault, pattern: '**' });
    const { api } = await logIn(agent, owner.api);
    (await owner.api.put(secretUrl(vault, 'k'), { value: 'v1', type })).as(201);
    (await api.get(secretUrl(vault, 'k'))).refused(403);
    (await owner.api.put(secretUrl(vault, 'k'), { value: 'v2', type: 'generic' })).as(201);
    (await api.get(secretUrl(vault, 'k'))).as(200);
    (await api.get(`${secretUrl(vault, 'k')}?version=1`)).refused(403);
  });
});
