import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { by, trailWith } from './trail.js';
import type { Vault } from './types.js';
import { gateway, newAgent, newOwner, newOwnerWithVault, newVault, secretUrl } from './world.js';

const listed = async (api: ReturnType<typeof gateway>): Promise<Vault[]> =>
  (await api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200).vaults;

describe('creating vaults', () => {
  it('answers the vault, and shows the same in get and list', async () => {
    const owner = await newOwner();
    const vault = await newVault(owner, { name: 'production', description: 'what runs' });
    expect(vault).toMatchObject({
      name: 'production',
      description: 'what runs',
      created_by: owner.id,
      created_by_type: 'user',
      cmek_enabled: false,
    });
    expect((await owner.api.get(`/v1/vaults/${vault.id}`)).as<Vault>(200)).toEqual(vault);
    expect(await listed(owner.api)).toEqual([vault]);
  });

  it('leaves an unset description out or null', async () => {
    const owner = await newOwner();
    for (const vault of [await newVault(owner), await newVault(owner, { description: null })])
      expect(vault.description ?? null).toBeNull();
  });

  it('gives version 7 ids', async () => {
    const { vault } = await newOwnerWithVault();
    expect(vault.id[14]).toBe('7');
  });

  it('lets two vaults share a name and lists the oldest first', async () => {
    const owner = await newOwner();
    const vaults = [await newVault(owner), await newVault(owner), await newVault(owner)];
    expect(await listed(owner.api)).toEqual(vaults);
  });

  it.each(['x', 'x'.repeat(128), 'Größe 保管庫 🗝'])('takes the name %s', async (name) => {
    expect((await newVault(await newOwner(), { name })).name).toBe(name);
  });

  it.each([
    ['name', {}],
    ['name', { name: '' }],
    ['name', { name: null }],
    ['name', { name: 'x'.repeat(129) }],
    ['name', { name: '__agent-keys' }],
    ['name', { name: 7 }],
    ['name', { name: ['a'] }],
    ['description', { name: 'x', description: {} }],
  ])('refuses a bad %s: %j', async (field, body) => {
    const owner = await newOwner();
    (await owner.api.post('/v1/vaults', body)).invalid(field);
    expect(await listed(owner.api)).toEqual([]);
  });

  it('takes neither id, owner, org nor flags from the body', async () => {
    const [owner, other] = [await newOwner(), await newOwner()];
    const id = randomUUID();
    const vault = await newVault(owner, {
      id,
      org_id: other.orgId,
      created_by: other.id,
      created_by_type: 'system',
      cmek_enabled: true,
      surprise: 1,
    });
    expect(vault.id).not.toBe(id);
    expect(vault).toMatchObject({ created_by: owner.id, created_by_type: 'user', cmek_enabled: false });
    expect(await listed(other.api)).toEqual([]);
  });

  it('needs a token', async () => {
    (await gateway().post('/v1/vaults', { name: 'x' })).refused(401);
  });
});

describe('finding vaults', () => {
  it('answers 404 for an unknown id and 400 for what is none', async () => {
    const { api } = await newOwner();
    (await api.get(`/v1/vaults/${randomUUID()}`)).refused(404);
    (await api.get('/v1/vaults/not-a-uuid')).refused(400);
  });

  it("hides another org's vault on every route", async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const { api, id } = await newOwner();
    const policy = { secret_path_pattern: '**', principal_type: 'user', principal_id: id, permissions: ['read'] };
    (await api.get(`/v1/vaults/${vault.id}`)).refused(404);
    (await api.get(`/v1/vaults/${vault.id}/secrets`)).refused(404);
    (await api.get(secretUrl(vault, 'a'))).refused(404);
    (await api.put(secretUrl(vault, 'a'), { value: 'theirs' })).refused(404);
    (await api.delete(secretUrl(vault, 'a'))).refused(404);
    (await api.get(`/v1/vaults/${vault.id}/policies`)).refused(404);
    (await api.post(`/v1/vaults/${vault.id}/policies`, policy)).refused(404);
    (await api.delete(`/v1/vaults/${vault.id}`)).refused(404);
    expect(await listed(owner.api)).toEqual([vault]);
  });
});

describe('deleting vaults', () => {
  it('takes the vault, its secrets and its policies out of reach at once', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: '**' }]);
    (await agent.api.get(secretUrl(vault, 'a'))).as(200);
    (await owner.api.delete(`/v1/vaults/${vault.id}`)).empty();
    for (const { api } of [owner, agent]) {
      (await api.get(secretUrl(vault, 'a'))).refused(404);
      (await api.get(`/v1/vaults/${vault.id}/secrets`)).refused(404);
      (await api.get(`/v1/vaults/${vault.id}`)).refused(404);
    }
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).refused(404);
    (await owner.api.get(`/v1/vaults/${vault.id}/policies`)).refused(404);
    (await owner.api.delete(`/v1/vaults/${vault.id}`)).refused(404);
    expect((await listed(agent.api)).map((each) => each.id)).not.toContain(vault.id);
    await trailWith(owner.api, by('vault.delete', owner.id));
  });

  it('succeeds exactly once among parallel tries', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const answers = await Promise.all(Array.from({ length: 6 }, () => owner.api.delete(`/v1/vaults/${vault.id}`)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([204, 404, 404, 404, 404, 404]);
  });
});
