import { describe, expect, it } from '@jest/globals';
import { countOf } from './answer.js';
import { eventually } from './eventually.js';
import type { Secret, SecretList, SecretMetadata } from './types.js';
import { newAgent, newOwnerWithVault, secretUrl } from './world.js';

describe('versions of a secret', () => {
  it('count up under one id, and older ones stay readable by number', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    const first = (await owner.api.put(url, { value: 'one', type: 'note' })).as<SecretMetadata>(201);
    const second = (await owner.api.put(url, { value: 'two' })).as<SecretMetadata>(201);
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(second.id).toBe(first.id);
    expect((await owner.api.get(url)).as<Secret>(200)).toMatchObject({ value: 'two', version: 2 });
    expect((await owner.api.get(`${url}?version=1`)).as<Secret>(200)).toMatchObject({
      id: first.id,
      value: 'one',
      version: 1,
      type: 'note',
    });
  });

  it.each(['0', '-1', '1.5', 'latest', '', '99999999999999999999', '1;drop'])(
    'refuses ?version=%s',
    async (version) => {
      const { owner, vault } = await newOwnerWithVault();
      (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
      (await owner.api.get(`${secretUrl(vault, 'a')}?version=${version}`)).invalid('version');
    },
  );

  it('that never were are 404', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    (await owner.api.get(`${secretUrl(vault, 'a')}?version=2`)).refused(404);
  });

  it('of 50 parallel puts to one path are 1 to 50, each once, each holding its own value', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'hot/path');
    const stored = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => ({
        value: `value ${index}`,
        version: (await owner.api.put(url, { value: `value ${index}` })).as<SecretMetadata>(201).version,
      })),
    );
    expect(stored.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
    for (const { value, version } of stored)
      expect((await owner.api.get(`${url}?version=${version}`)).as<Secret>(200).value).toBe(value);
  });
});

describe('deleted secrets', () => {
  it('are gone, in all versions, and out of the list', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'one' })).as(201);
    (await owner.api.put(url, { value: 'two' })).as(201);
    (await owner.api.delete(url)).empty();
    (await owner.api.get(url)).refused(410);
    (await owner.api.get(`${url}?version=1`)).refused(410);
    (await owner.api.delete(url)).refused(410);
    expect((await owner.api.get(`/v1/vaults/${vault.id}/secrets`)).as<SecretList>(200).secrets).toEqual([]);
  });

  it('that never were are 404', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.get(secretUrl(vault, 'a'))).refused(404);
    (await owner.api.delete(secretUrl(vault, 'a'))).refused(404);
  });

  it('come back under their id with the next number when they are put again', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    const { id } = (await owner.api.put(url, { value: 'one' })).as<SecretMetadata>(201);
    (await owner.api.delete(url)).empty();
    expect((await owner.api.put(url, { value: 'two' })).as<SecretMetadata>(201)).toMatchObject({ id, version: 2 });
    expect((await owner.api.get(url)).as<Secret>(200)).toMatchObject({ value: 'two', version: 2 });
    // The deletion covered version 1 for good.
    (await owner.api.get(`${url}?version=1`)).refused(410);
  });

  it('are deleted by exactly one of many parallel tries', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const answers = await Promise.all(Array.from({ length: 8 }, () => owner.api.delete(secretUrl(vault, 'a'))));
    expect([countOf(answers, 204), countOf(answers, 410)]).toEqual([1, 7]);
  });
});

describe('the access count of a version', () => {
  it('lets exactly as many of 50 parallel readers through, owner and agent together', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'few');
    (await owner.api.put(url, { value: 'v', max_access_count: 7 })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: 'few' }]);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? owner : agent).api.get(url)),
    );
    expect([countOf(answers, 200), countOf(answers, 410)]).toEqual([7, 43]);
    (await owner.api.get(url)).refused(410);
  });

  it('belongs to that version', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'one', max_access_count: 1 })).as(201);
    (await owner.api.get(url)).as(200);
    (await owner.api.get(url)).refused(410);
    (await owner.api.put(url, { value: 'two', max_access_count: 2 })).as(201);
    (await owner.api.get(`${url}?version=1`)).refused(410);
    (await owner.api.get(`${url}?version=2`)).as(200);
    (await owner.api.get(url)).as(200);
    (await owner.api.get(url)).refused(410);
  });

  it('is not used up by refused readers, lists or missing versions', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'v', max_access_count: 1 })).as(201);
    const agent = await newAgent(owner);
    (await agent.api.get(url)).refused(403);
    (await owner.api.get(`/v1/vaults/${vault.id}/secrets`)).as(200);
    (await owner.api.get(`${url}?version=5`)).refused(404);
    (await owner.api.get(url)).as(200);
  });
});

describe('a secret that expires', () => {
  it('is 410 and out of the list when its time has come, and a new version revives it', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    const expiresAt = Date.now() + 1500;
    const body = { value: 'v', expires_at: new Date(expiresAt).toISOString() };
    const stored = (await owner.api.put(url, body)).as<SecretMetadata>(201);
    expect(new Date(stored.expires_at ?? 0).getTime()).toBe(expiresAt);
    (await owner.api.get(url)).as(200);
    const { value: gone } = await eventually('the secret expires', 5000, async () => {
      const answer = await owner.api.get(url);
      return answer.status === 200 ? undefined : answer;
    });
    gone.refused(410);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    expect((await owner.api.get(`/v1/vaults/${vault.id}/secrets`)).as<SecretList>(200).secrets).toEqual([]);
    (await owner.api.put(url, { value: 'new' })).as(201);
    (await owner.api.get(url)).as(200);
    (await owner.api.get(`${url}?version=1`)).refused(410);
  });
});
