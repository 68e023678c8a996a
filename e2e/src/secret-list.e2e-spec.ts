import { describe, expect, it } from '@jest/globals';
import type { Api } from './client.js';
import type { SecretList, Vault } from './types.js';
import { newAgent, newOwnerWithVault, secretUrl, type Owner } from './world.js';

async function withSecrets(...paths: string[]): Promise<{ owner: Owner; vault: Vault }> {
  const world = await newOwnerWithVault();
  for (const path of paths) (await world.owner.api.put(secretUrl(world.vault, path), { value: 'v' })).as(201);
  return world;
}

async function list(api: Api, vault: Vault, query = ''): Promise<SecretList> {
  return (await api.get(`/v1/vaults/${vault.id}/secrets${query}`)).as<SecretList>(200);
}

const paths = ({ secrets }: SecretList): string[] => secrets.map((secret) => secret.path);

describe('listing secrets', () => {
  it('shows metadata ordered by path, all of it when no limit is asked for', async () => {
    const { owner, vault } = await withSecrets('b', 'a/c', 'a', 'B', 'a-b', 'a/b/c');
    const answer = await list(owner.api, vault);
    expect(paths(answer)).toEqual(['B', 'a', 'a-b', 'a/b/c', 'a/c', 'b']);
    expect(answer.next_cursor ?? null).toBeNull();
  });

  it('filters by a plain text prefix', async () => {
    const { owner, vault } = await withSecrets('app/a', 'app/b', 'apple', 'b/app');
    expect(paths(await list(owner.api, vault, '?prefix=app'))).toEqual(['app/a', 'app/b', 'apple']);
    expect(paths(await list(owner.api, vault, '?prefix=app%2F'))).toEqual(['app/a', 'app/b']);
    expect(paths(await list(owner.api, vault, '?prefix=app/b'))).toEqual(['app/b']);
    for (const none of ['app*', '%25', '_', 'a__', '..', 'APP'])
      expect(paths(await list(owner.api, vault, `?prefix=${none}`))).toEqual([]);
    expect(paths(await list(owner.api, vault, '?prefix='))).toHaveLength(4);
  });

  it('walks pages of any size without a gap or a repetition', async () => {
    const all = ['a', 'b', 'b/1', 'b/2', 'c', 'd', 'e'];
    const { owner, vault } = await withSecrets(...all);
    for (const limit of [1, 2, 3, 7, 8]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await list(
          owner.api,
          vault,
          `?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
        );
        expect(page.secrets.length).toBeLessThanOrEqual(limit);
        seen.push(...paths(page));
        cursor = page.next_cursor ?? undefined;
      } while (cursor);
      expect(seen).toEqual(all);
    }
  });

  it('pages within a prefix', async () => {
    const { owner, vault } = await withSecrets('a/1', 'a/2', 'a/3', 'b/1');
    const first = await list(owner.api, vault, '?prefix=a/&limit=2');
    expect(paths(first)).toEqual(['a/1', 'a/2']);
    const rest = await list(
      owner.api,
      vault,
      `?prefix=a/&limit=2&cursor=${encodeURIComponent(first.next_cursor ?? '')}`,
    );
    expect(paths(rest)).toEqual(['a/3']);
    expect(rest.next_cursor ?? null).toBeNull();
  });

  it.each(['limit=0', 'limit=-1', 'limit=x', 'limit=1.5', 'limit=1000000', 'cursor=nonsense', 'limit=1&cursor=%00'])(
    'refuses ?%s',
    async (query) => {
      const { owner, vault } = await newOwnerWithVault();
      (await owner.api.get(`/v1/vaults/${vault.id}/secrets?${query}`)).refused(400);
    },
  );

  it('shows an agent what it may read, and no more, page by page', async () => {
    const { owner, vault } = await withSecrets('a/1', 'b/1', 'a/2', 'b/2', 'a/3');
    const agent = await newAgent(owner, [{ vault, pattern: 'a/*' }]);
    expect(paths(await list(agent.api, vault))).toEqual(['a/1', 'a/2', 'a/3']);
    const first = await list(agent.api, vault, '?limit=2');
    expect(paths(first)).toEqual(['a/1', 'a/2']);
    const second = await list(agent.api, vault, `?limit=2&cursor=${encodeURIComponent(first.next_cursor ?? '')}`);
    expect(paths(second)).toEqual(['a/3']);
    expect(second.next_cursor ?? null).toBeNull();
  });

  it('hides from an agent what it may only write', async () => {
    const { owner, vault } = await withSecrets('a', 'b');
    const agent = await newAgent(owner, [
      { vault, pattern: 'a', permissions: ['write'] },
      { vault, pattern: 'b', permissions: ['read'] },
    ]);
    expect(paths(await list(agent.api, vault))).toEqual(['b']);
  });

  it('never shows a value', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'not-in-lists' })).as(201);
    expect((await owner.api.get(`/v1/vaults/${vault.id}/secrets`)).text).not.toContain('not-in-lists');
  });

  it('uses up no access', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v', max_access_count: 1 })).as(201);
    await list(owner.api, vault);
    await list(owner.api, vault);
    (await owner.api.get(secretUrl(vault, 'a'))).as(200);
  });
});
