import { describe, expect, it } from '@jest/globals';
import { countOf } from './answer.js';
import { by, trailWith } from './trail.js';
import type { Secret, SecretList, SecretMetadata, SecretVersions } from './types.js';
import { newAgent, newOwner, newOwnerWithVault, secretUrl } from './world.js';

const restoreUrl = (vault: { id: string }) => `/v1/vaults/${vault.id}/restore`;

describe('restoring a secret', () => {
  it('brings back what the deletion took, with its counts, into the list too', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a/b');
    (await owner.api.put(url, { value: 'one', max_access_count: 2 })).as(201);
    const stored = (await owner.api.put(url, { value: 'two', metadata: { n: 1 } })).as<SecretMetadata>(201);
    (await owner.api.get(`${url}?version=1`)).as(200);
    (await owner.api.delete(url)).empty();
    expect((await owner.api.post(restoreUrl(vault), { path: 'a/b' })).as<SecretMetadata>(200)).toEqual(stored);
    expect((await owner.api.get(url)).as<Secret>(200).value).toBe('two');
    expect((await owner.api.get(`${url}?version=1`)).as<Secret>(200).value).toBe('one');
    (await owner.api.get(`${url}?version=1`)).refused(410);
    expect((await owner.api.get(`/v1/vaults/${vault.id}/secrets`)).as<SecretList>(200).secrets).toEqual([stored]);
    const restored = by('secret.restore', owner.id);
    const [event] = (await trailWith(owner.api, restored)).filter(restored);
    expect(event).toMatchObject({ resource_id: stored.id, details: { vault_id: vault.id, path: 'a/b', version: 2 } });
  });

  it('is 409 where it is not deleted, 404 where it never was, 400 for what is no path', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    (await owner.api.post(restoreUrl(vault), { path: 'a' })).refused(409);
    (await owner.api.post(restoreUrl(vault), { path: 'b' })).refused(404);
    for (const path of ['', '/a', 'a//b', 'a%2Fb', null, 7])
      (await owner.api.post(restoreUrl(vault), { path })).invalid('path');
    (await owner.api.post(restoreUrl(vault), {})).invalid('path');
  });

  it('is for those who may write the path, in their own org', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'v' })).as(201);
    (await owner.api.delete(url)).empty();
    const reader = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'delete'] }]);
    const writer = await newAgent(owner, [{ vault, pattern: 'a', permissions: ['write'] }]);
    for (const path of ['a', 'never']) (await reader.api.post(restoreUrl(vault), { path })).refused(403);
    (await (await newOwner()).api.post(restoreUrl(vault), { path: 'a' })).refused(404);
    (await writer.api.post(restoreUrl(vault), { path: 'a' })).as(200);
  });

  it('succeeds for exactly one of 50 at once', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    (await owner.api.delete(secretUrl(vault, 'a'))).empty();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => owner.api.post(restoreUrl(vault), { path: 'a' })),
    );
    expect([countOf(answers, 200), countOf(answers, 409)]).toEqual([1, 49]);
  });
});

describe('the versions of a secret', () => {
  it('are listed newest first with their state, without values, in pages, and count no access', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'never-in-lists-1' })).as(201);
    (await owner.api.delete(url)).empty();
    (await owner.api.put(url, { value: 'never-in-lists-2', max_access_count: 1 })).as(201);
    (await owner.api.put(url, { value: 'never-in-lists-3', expires_at: '2020-01-01T00:00:00Z' })).as(201);
    (await owner.api.put(url, { value: 'never-in-lists-4', type: 'note', metadata: { k: 'v' } })).as(201);

    const answer = await owner.api.get(`${url}?versions=true`);
    expect(answer.text).not.toContain('never-in-lists');
    const { versions } = answer.as<SecretVersions>(200);
    expect(versions.map(({ version, state }) => [version, state])).toEqual([
      [4, 'live'],
      [3, 'expired'],
      [2, 'live'],
      [1, 'deleted'],
    ]);
    expect(versions[0]).toMatchObject({
      path: 'a',
      type: 'note',
      metadata: { k: 'v' },
      created_by: `user:${owner.id}`,
    });
    expect((await owner.api.get(`${url}?version=2`)).as<Secret>(200).value).toBe('never-in-lists-2');
    expect(
      (await owner.api.get(`${url}?versions=true&limit=1&cursor=${await cursorAfter(2)}`)).as<SecretVersions>(200)
        .versions,
    ).toMatchObject([{ version: 2, state: 'used_up', access_count: 1, max_access_count: 1 }]);

    async function cursorAfter(count: number): Promise<string> {
      const page = (await owner.api.get(`${url}?versions=true&limit=${count}`)).as<SecretVersions>(200);
      expect(page.versions).toHaveLength(count);
      return encodeURIComponent(page.next_cursor ?? '');
    }
  });

  it('are for those who may read the path', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const writer = await newAgent(owner, [{ vault, pattern: '**', permissions: ['write'] }]);
    for (const path of ['a', 'never']) (await writer.api.get(`${secretUrl(vault, path)}?versions=true`)).refused(403);
    (await owner.api.get(`${secretUrl(vault, 'never')}?versions=true`)).refused(404);
  });

  it.each([
    'versions=1',
    'versions=',
    'versions=true&version=1',
    'versions=true&limit=0',
    'versions=true&limit=1001',
    'versions=true&cursor=x',
  ])('are refused with ?%s', async (query) => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    (await owner.api.get(`${secretUrl(vault, 'a')}?${query}`)).refused(400);
  });
});
