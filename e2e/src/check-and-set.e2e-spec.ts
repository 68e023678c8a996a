import { describe, expect, it } from '@jest/globals';
import { countOf } from './answer.js';
import { by, trailWith } from './trail.js';
import type { Secret, SecretMetadata } from './types.js';
import { gateways, newAgent, newOwnerWithVault, secretUrl } from './world.js';

describe('the entity tag of a secret', () => {
  it('is its version, on what is stored, read and restored', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    expect((await owner.api.put(url, { value: 'one' })).header('etag')).toBe('"1"');
    expect((await owner.api.put(url, { value: 'two' })).header('etag')).toBe('"2"');
    expect((await owner.api.get(url)).header('etag')).toBe('"2"');
    expect((await owner.api.get(`${url}?version=1`)).header('etag')).toBe('"1"');
    (await owner.api.delete(url)).empty();
    expect((await owner.api.post(`/v1/vaults/${vault.id}/restore`, { path: 'a' })).header('etag')).toBe('"2"');
    expect((await owner.api.get(`${url}?version=9`)).header('etag')).toBeUndefined();
  });
});

describe('storing with If-Match or If-None-Match', () => {
  it('stores on top of the version that the writer knows, and on no other', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'one' })).as(201);
    const stored = await owner.api.put(url, { value: 'two' }, { 'if-match': '"1"' });
    expect(stored.as<SecretMetadata>(201).version).toBe(2);
    const late = (await owner.api.put(url, { value: 'lost' }, { 'if-match': '"1"' })).refused(412);
    expect(late.detail).toMatch(/version/);
    expect((await owner.api.get(url)).as<Secret>(200)).toMatchObject({ value: 'two', version: 2 });
    const versions = Array.from({ length: 4000 }, (_, index) => `"${index + 2}"`).slice(0, 1500);
    (await owner.api.put(url, { value: 'three' }, { 'if-match': ['"7", W/"2"', `, ${versions.join(',')}`] })).as(201);
  });

  it.each([
    ['if-match', '*', 201],
    ['if-match', '"1"', 201],
    ['if-match', '"x,y" ,"1"', 201],
    ['if-match', 'W/"1"', 412],
    ['if-match', '"01"', 412],
    ['if-match', '', 412],
    ['if-none-match', '*', 412],
    ['if-none-match', '"1"', 412],
    ['if-none-match', 'W/"1"', 412],
    ['if-none-match', '"2"', 201],
    ['if-match', '1', 400],
    ['if-match', '"1', 400],
    ['if-none-match', '*, "1"', 400],
  ])('over version 1 with %s: %s is %d', async (header, value, status) => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'one' })).as(201);
    const answer = await owner.api.put(url, { value: 'two' }, { [header]: value });
    if (status === 400) answer.invalid(header);
    else expect(answer.status).toBe(status);
    expect((await owner.api.get(url)).as<Secret>(200).version).toBe(status === 201 ? 2 : 1);
  });

  it('has exactly one winner of 50 at once, through all gateways', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const apis = gateways().map((gateway) => gateway.as(owner.api.token));
    const url = secretUrl(vault, 'race');
    const put = (index: number, headers: Record<string, string>) =>
      (apis[index % apis.length] ?? owner.api).put(url, { value: `value ${index}` }, headers);
    const rounds: Record<string, string>[] = [{ 'if-none-match': '*' }, { 'if-match': '"1"' }, { 'if-match': '"2"' }];
    for (const [round, headers] of rounds.entries()) {
      const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => put(index, headers)));
      expect([countOf(answers, 201), countOf(answers, 412)]).toEqual([1, 49]);
      const winner = answers.findIndex(({ status }) => status === 201);
      const read = (await owner.api.get(url)).as<Secret>(200);
      expect(read).toMatchObject({ version: round + 1, value: `value ${winner}` });
    }
  });

  it('is in the trail when it fails', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' }, { 'if-match': '*' })).refused(412);
    const failed = by('secret.write', owner.id);
    const events = (await trailWith(owner.api, failed)).filter(failed);
    expect(events.map(({ details }) => details)).toEqual([
      { vault_id: vault.id, path: 'a', outcome: 'denied', reason: 'precondition_failed' },
    ]);
  });
});

describe('deleting with If-Match', () => {
  it('deletes the version that the caller knows, and says first that there is nothing', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.delete(url, { 'if-match': '*' })).refused(404);
    (await owner.api.put(url, { value: 'one' })).as(201);
    (await owner.api.put(url, { value: 'two' })).as(201);
    (await owner.api.delete(url, { 'if-match': '"1"' })).refused(412);
    (await owner.api.get(url)).as(200);
    (await owner.api.delete(url, { 'if-match': '"2"' })).empty();
    (await owner.api.delete(url, { 'if-match': '"2"' })).refused(410);
  });
});

describe('reading with If-None-Match', () => {
  it('is 304 for a version that the reader has: no value, no access, but in the trail', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'seldom', max_access_count: 1 })).as(201);
    for (let round = 0; round < 3; round += 1) {
      const answer = await owner.api.get(url, { 'if-none-match': 'W/"9", "1"' });
      answer.empty(304);
      expect(answer.header('etag')).toBe('"1"');
    }
    expect((await owner.api.get(url, { 'if-none-match': '"2"' })).as<Secret>(200).value).toBe('seldom');
    (await owner.api.get(url, { 'if-none-match': '"1"' })).refused(410);
    const read = by('secret.read', owner.id);
    const gone = (event: Parameters<typeof read>[0]) => read(event) && event.details['outcome'] === 'denied';
    const events = (await trailWith(owner.api, gone)).filter(read);
    expect(events.map(({ details }) => details['outcome']).reverse()).toEqual([
      'not_modified',
      'not_modified',
      'not_modified',
      undefined,
      'denied',
    ]);
  });

  it('tells nothing to those who may not read', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: 'b', permissions: ['write'] }]);
    for (const path of ['a', 'missing'])
      for (const [header, value] of [
        ['if-none-match', '"1"'],
        ['if-none-match', '*'],
        ['if-match', '"7"'],
      ] as const)
        (await agent.api.get(secretUrl(vault, path), { [header]: value })).refused(403);
  });
});
