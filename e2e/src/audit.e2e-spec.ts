import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { by, denied, eventsOf, inChainOrder, trailWith } from './trail.js';
import type { AuditEvent, AuditPage, SecretMetadata } from './types.js';
import { grant, newAgent, newOwner, newOwnerWithVault, secretUrl } from './world.js';

const action =
  (name: string, requestId?: string) =>
  (event: AuditEvent): boolean =>
    event.action === name && (requestId === undefined || event.request_id === requestId);

describe('the audit trail', () => {
  it('holds exactly one event per operation, refusals and failures included', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner);
    const url = secretUrl(vault, 'a');
    const id = (name: string) => ({ 'x-request-id': `${name}.${vault.id}` });
    (await owner.api.send('PUT', url, { value: 'v' }, id('put'))).as(201);
    (await owner.api.send('GET', url, undefined, id('get'))).as(200);
    (await owner.api.send('GET', `/v1/vaults/${vault.id}/secrets`, undefined, id('list'))).as(200);
    (await agent.api.send('GET', url, undefined, id('get-denied'))).refused(403);
    (await agent.api.send('PUT', url, { value: 'w' }, id('put-denied'))).refused(403);
    (await agent.api.send('DELETE', url, undefined, id('delete-denied'))).refused(403);
    (await agent.api.send('POST', '/v1/vaults', { name: 'x' }, id('vault-denied'))).refused(403);
    (await agent.api.send('POST', '/v1/agents', { name: 'x' }, id('agent-denied'))).refused(403);
    const policy = await grant(owner, agent.id, { vault, pattern: 'a' });
    (await owner.api.send('DELETE', `/v1/vaults/${vault.id}/policies/${policy.id}`, undefined, id('revoke'))).empty();
    (await owner.api.send('POST', `/v1/agents/${agent.id}/rotate-key`, undefined, id('rotate'))).as(200);
    (await owner.api.send('DELETE', url, undefined, id('delete'))).empty();
    (await owner.api.send('DELETE', `/v1/agents/${agent.id}`, undefined, id('deactivate'))).empty();
    (await owner.api.send('DELETE', `/v1/vaults/${vault.id}`, undefined, id('vault'))).empty();

    const expected: [name: string, action: string, outcome: 'done' | 'denied'][] = [
      ['put', 'secret.write', 'done'],
      ['get', 'secret.read', 'done'],
      ['list', 'secret.list', 'done'],
      ['get-denied', 'secret.read', 'denied'],
      ['put-denied', 'secret.write', 'denied'],
      ['delete-denied', 'secret.delete', 'denied'],
      ['vault-denied', 'vault.create', 'denied'],
      ['agent-denied', 'agent.register', 'denied'],
      ['revoke', 'policy.delete', 'done'],
      ['rotate', 'agent.rotate_key', 'done'],
      ['delete', 'secret.delete', 'done'],
      ['deactivate', 'agent.deactivate', 'done'],
      ['vault', 'vault.delete', 'done'],
    ];
    const events = await trailWith(
      owner.api,
      ...expected.map(
        ([name]) =>
          (event: AuditEvent) =>
            event.request_id === `${name}.${vault.id}`,
      ),
    );
    const found = expected.map(([name]) =>
      events
        .filter((event) => event.request_id === `${name}.${vault.id}`)
        .map((event) => [name, event.action, denied(event) ? 'denied' : 'done']),
    );
    expect(found).toEqual(expected.map((each) => [each]));
    expect(events.filter(denied).every((event) => typeof event.details['reason'] === 'string')).toBe(true);
    inChainOrder(events);
  });

  it('counts 40 parallel reads as 40 events, in one unbroken chain', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'v' })).as(201);
    const ids = Array.from({ length: 40 }, () => randomUUID());
    await Promise.all(ids.map(async (id) => (await owner.api.get(url, { 'x-request-id': id })).as(200)));
    const events = await trailWith(owner.api, ...ids.map((id) => action('secret.read', id)));
    const read = events.filter(action('secret.read')).map((event) => event.request_id);
    expect(read.sort()).toEqual(ids.sort());
    inChainOrder(events);
  });

  it('tells from where and in which request, and about secrets which vault, path and version', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const api = owner.api.from('10.20.30.40');
    const { id } = (await api.put(secretUrl(vault, 'a/b'), { value: 'v' })).as<SecretMetadata>(201);
    (await api.get(secretUrl(vault, 'a/b'), { 'x-request-id': 'find-me' })).as(200);
    const events = await trailWith(owner.api, action('secret.read'));
    expect(events.find(action('secret.read'))).toMatchObject({
      org_id: owner.orgId,
      actor_type: 'user',
      actor_id: owner.id,
      resource_id: id,
      details: { vault_id: vault.id, path: 'a/b', version: 1 },
      ip_address: '10.20.30.40',
      request_id: 'find-me',
    });
  });

  it('is newest first', async () => {
    const { owner, vault } = await newOwnerWithVault();
    for (const path of ['a', 'b', 'c']) (await owner.api.put(secretUrl(vault, path), { value: 'v' })).as(201);
    const wrote = (path: string) => (event: AuditEvent) => event.details['path'] === path;
    const events = await trailWith(owner.api, wrote('a'), wrote('b'), wrote('c'));
    const times = events.map((event) => Date.parse(event.created_at));
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });
});

describe('filters of the trail', () => {
  it('match the id of a resource, a vault or a path, the actor and the action', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const { id } = (await owner.api.put(secretUrl(vault, 'a/b'), { value: 'v' })).as<SecretMetadata>(201);
    (await owner.api.put(secretUrl(vault, 'c'), { value: 'v' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: 'a/b' }]);
    (await agent.api.get(secretUrl(vault, 'a/b'))).as(200);
    await trailWith(owner.api, by('secret.read', agent.id), (event) => event.details['path'] === 'c');
    const actions = async (query: string): Promise<string[]> =>
      (await eventsOf(owner.api, `&${query}`)).map((event) => event.action).sort();
    expect(await actions(`resource_id=${id}`)).toEqual(['secret.read', 'secret.write']);
    expect(await actions('resource_id=a/b')).toEqual(['secret.read', 'secret.write']);
    expect(await actions('resource_id=a%2Fb')).toEqual(['secret.read', 'secret.write']);
    expect(await actions(`resource_id=${vault.id}`)).toEqual(
      expect.arrayContaining(['secret.read', 'secret.write', 'secret.write', 'vault.create']),
    );
    expect(await actions(`action=secret.write&actor_id=${owner.id}`)).toEqual(['secret.write', 'secret.write']);
    expect(await actions(`actor_id=${agent.id}`)).toEqual(['auth.success', 'secret.read']);
    expect(await actions(`actor_id=${agent.id}&action=secret.read&resource_id=${id}`)).toEqual(['secret.read']);
    expect(await actions(`actor_id=${randomUUID()}`)).toEqual([]);
    expect(await actions('action=secret')).toEqual([]);
  });

  it('cut out a span of time, whatever offset it is told in', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const [event] = (await trailWith(owner.api, by('secret.write'))).filter(by('secret.write'));
    const at = Date.parse(event?.created_at ?? '');
    const iso = (shift: number): string => encodeURIComponent(new Date(at + shift).toISOString());
    const found = async (query: string): Promise<number> =>
      (await eventsOf(owner.api, `&action=secret.write&${query}`)).length;
    expect(await found(`from=${iso(-1000)}&to=${iso(1000)}`)).toBe(1);
    expect(await found(`from=${iso(1000)}`)).toBe(0);
    expect(await found(`to=${iso(-1000)}`)).toBe(0);
    const local = new Date(at - 1000 + 2 * 3_600_000).toISOString().replace('Z', '+02:00');
    expect(await found(`from=${encodeURIComponent(local)}`)).toBe(1);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'offset=-1', 'offset=x', 'from=yesterday', 'to=1', 'cursor=nonsense'])(
    'refuse ?%s',
    async (query) => {
      const { api } = await newOwner();
      (await api.get(`/v1/audit/events?${query}`)).refused(400);
    },
  );

  it('page by cursor and by offset without a gap or a repetition', async () => {
    const { owner, vault } = await newOwnerWithVault();
    for (const path of ['a', 'b', 'c', 'd', 'e']) (await owner.api.put(secretUrl(vault, path), { value: 'v' })).as(201);
    await trailWith(owner.api, ...['a', 'e'].map((path) => (event: AuditEvent) => event.details['path'] === path));
    const base = '/v1/audit/events?action=secret.write';
    const page = async (query: string): Promise<AuditPage> =>
      (await owner.api.get(`${base}${query}`)).as<AuditPage>(200);
    const all = (await page('')).events.map((event) => event.id);
    expect(all).toHaveLength(5);
    const walked: string[] = [];
    let cursor: string | undefined;
    do {
      const { events, count, next_cursor } = await page(
        `&limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      expect(count).toBe(events.length);
      walked.push(...events.map((event) => event.id));
      cursor = next_cursor ?? undefined;
    } while (cursor);
    expect(walked).toEqual(all);
    const byOffset = await Promise.all([0, 2, 4].map((offset) => page(`&limit=2&offset=${offset}`)));
    expect(byOffset.flatMap(({ events }) => events.map((event) => event.id))).toEqual(all);
  });
});

describe('who sees which events', () => {
  it('an owner sees the org, an agent its own, another org nothing', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'write'] }]);
    const stranger = await newOwner();
    (await agent.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const events = await trailWith(owner.api, by('secret.write', agent.id), by('vault.create', owner.id));
    expect(new Set(events.map((event) => event.org_id))).toEqual(new Set([owner.orgId]));
    const own = await eventsOf(agent.api);
    expect(own.length).toBeGreaterThan(0);
    expect(new Set(own.map((event) => event.actor_id))).toEqual(new Set([agent.id]));
    expect(await eventsOf(agent.api, `&actor_id=${owner.id}`)).toEqual([]);
    expect((await eventsOf(stranger.api)).filter((event) => event.actor_id !== stranger.id)).toEqual([]);
    expect(await eventsOf(stranger.api, `&resource_id=${vault.id}`)).toEqual([]);
  });
});
