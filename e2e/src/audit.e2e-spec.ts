import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { by, denied, eventsOf, inChainOrder, trailWith } from './trail.js';
import type { AuditEvent, AuditPage, SecretMetadata } from './types.js';
import { grant, newAgent, newApiKey, newMember, newOwner, newOwnerWithVault, secretUrl, type Owner } from './world.js';

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

let reader: Owner;
beforeAll(async () => (reader = await newOwner()));

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

describe('filters of the trail, together', () => {
  it('find exactly what passes all of them, for every combination', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'write'] }]);
    for (const path of ['a', 'b']) {
      (await owner.api.put(secretUrl(vault, path), { value: 'v' })).as(201);
      (await agent.api.get(secretUrl(vault, path))).as(200);
      (await agent.api.put(secretUrl(vault, path), { value: 'w' })).as(201);
    }
    const told = (name: string, actor: string, path: string) => (event: AuditEvent) =>
      by(name, actor)(event) && event.details['path'] === path;
    const all = await trailWith(
      owner.api,
      ...['a', 'b'].flatMap((path) => [
        told('secret.write', owner.id, path),
        told('secret.read', agent.id, path),
        told('secret.write', agent.id, path),
      ]),
    );
    const middle = all.find(told('secret.read', agent.id, 'b'))?.created_at ?? '';
    const filters: Record<string, [query: string, passes: (event: AuditEvent) => boolean][]> = {
      actor: [owner.id, agent.id].map((id) => [`actor_id=${id}`, ({ actor_id }) => actor_id === id]),
      action: ['secret.read', 'secret.write', 'vault.create'].map((name) => [
        `action=${name}`,
        ({ action: its }) => its === name,
      ]),
      resource: ['a', vault.id].map((id) => [
        `resource_id=${id}`,
        ({ resource_id, details }) => [resource_id, details['vault_id'], details['path']].includes(id),
      ]),
      time: [
        [`from=${encodeURIComponent(middle)}`, ({ created_at }) => created_at >= middle],
        [`to=${encodeURIComponent(middle)}`, ({ created_at }) => created_at <= middle],
      ],
    };
    const none: [string, (event: AuditEvent) => boolean] = ['', () => true];
    for (const actor of [none, ...filters['actor']!])
      for (const name of [none, ...filters['action']!])
        for (const resource of [none, ...filters['resource']!])
          for (const time of [none, ...filters['time']!]) {
            const chosen = [actor, name, resource, time];
            const query = chosen.map(([part]) => part).join('&');
            const expected = all.filter((event) => chosen.every(([, passes]) => passes(event)));
            const found = await eventsOf(owner.api, `&${query}`);
            expect([query, found.map(({ id }) => id)]).toEqual([query, expected.map(({ id }) => id)]);
          }
  });

  it('are text to be equal to, not patterns', async () => {
    const { owner } = await newOwnerWithVault();
    await trailWith(owner.api, by('vault.create'));
    for (const query of ['action=vault.%25', 'action=VAULT.CREATE', 'actor_id=%25', 'resource_id=%25', 'resource_id=_'])
      expect([query, await eventsOf(owner.api, `&${query}`)]).toEqual([query, []]);
  });

  it.each([
    'limit=1.5',
    'limit=-1',
    'limit=1e2',
    'limit=',
    'action=',
    'actor_id=',
    'resource_id=',
    'cursor=',
    'offset=1.5',
    'offset=100001',
    'offset=9999999999999999999',
    'from=2026-13-01T00:00:00Z',
    'from=2026-01-01',
    'to=',
    'from=2026-01-01T00:00:00',
    'cursor=W10',
    'cursor=WzEsMl0.x',
    `cursor=${Buffer.from('["a","b"]').toString('base64url')}`,
    `cursor=${Buffer.from('[1e300,1]').toString('base64url')}`,
    `cursor=${Buffer.from('[1,2,3]').toString('base64url')}`,
    `action=${'x'.repeat(129)}`,
    `resource_id=${'x'.repeat(513)}`,
  ])('refuse ?%s', async (query) => {
    (await reader.api.get(`/v1/audit/events?${query}`)).refused(400);
  });
});

describe('pages of a trail that grows', () => {
  it('show every event that was there when the first was asked for, once, while more arrive', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const write = async (count: number) =>
      Promise.all(
        Array.from({ length: count }, async () => (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201)),
      );
    await write(30);
    const written = async () => (await eventsOf(owner.api, '&action=secret.write')).map(({ id }) => id);
    const { value: before } = await eventually('30 events are in the trail', 15_000, async () => {
      const ids = await written();
      return ids.length === 30 ? ids : undefined;
    });
    const walked: AuditEvent[] = [];
    let cursor: string | undefined;
    do {
      const url = `/v1/audit/events?action=secret.write&limit=4${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
      const [{ events, next_cursor }] = await Promise.all([
        owner.api.get(url).then((answer) => answer.as<AuditPage>(200)),
        write(5),
      ]);
      walked.push(...events);
      cursor = next_cursor ?? undefined;
    } while (cursor);
    const ids = walked.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(-before.length)).toEqual(before);
    // What came meanwhile is in front of where the walk began, or had just arrived.
    expect(ids.length - before.length).toBeLessThanOrEqual(4);
  });

  it('read to the end by many at once, of limits of all sizes, are the same', async () => {
    const { owner, vault } = await newOwnerWithVault();
    for (let count = 0; count < 12; count += 1)
      (await owner.api.put(secretUrl(vault, `s/${count}`), { value: 'v' })).as(201);
    await trailWith(owner.api, (event) => event.details['path'] === 's/11');
    const all = (await eventsOf(owner.api, `&resource_id=${vault.id}`)).map(({ id }) => id);
    const walk = async (limit: number): Promise<string[]> => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const from = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
        const url = `/v1/audit/events?resource_id=${vault.id}&limit=${limit}${from}`;
        const page = (await owner.api.get(url)).as<AuditPage>(200);
        expect(page.events.length).toBeLessThanOrEqual(limit);
        ids.push(...page.events.map(({ id }) => id));
        cursor = page.next_cursor ?? undefined;
      } while (cursor);
      return ids;
    };
    const walks = await Promise.all([1, 2, 3, 5, 7, 12, 13, 14, 1000].map(walk));
    for (const ids of walks) expect(ids).toEqual(all);
    const page = (await owner.api.get(`/v1/audit/events?resource_id=${vault.id}&offset=${all.length}`)).as<AuditPage>(
      200,
    );
    expect(page).toMatchObject({ events: [], count: 0 });
    expect(page.next_cursor).toBeUndefined();
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

  it('a member sees their own whatever is asked for, an admin the org, and a cursor opens no other trail', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const [member, admin] = [await newMember(owner), await newMember(owner, 'admin')];
    (await member.api.get(`/v1/vaults/${vault.id}`)).refused(403);
    const refusal = (event: AuditEvent) => by('vault.read', member.id)(event) && denied(event);
    const all = await trailWith(owner.api, refusal, by('vault.create', owner.id), by('auth.success', admin.id));
    expect((await eventsOf(admin.api)).map(({ id }) => id)).toEqual(expect.arrayContaining(all.map(({ id }) => id)));
    const own = await eventsOf(member.api);
    expect(own.filter(refusal)).toHaveLength(1);
    expect(new Set(own.map(({ actor_id }) => actor_id))).toEqual(new Set([member.id]));
    expect(await eventsOf(member.api, `&actor_id=${owner.id}`)).toEqual([]);
    expect(await eventsOf(member.api, `&resource_id=${vault.id}`)).toEqual(own.filter(refusal));
    expect(await eventsOf(member.api, '&action=vault.create')).toEqual([]);

    const { next_cursor } = (await owner.api.get('/v1/audit/events?limit=1')).as<AuditPage>(200);
    const stranger = await newOwner();
    for (const { api, id } of [member, stranger]) {
      const page = await api.get(`/v1/audit/events?cursor=${encodeURIComponent(next_cursor ?? '')}`);
      expect(page.as<AuditPage>(200).events.filter(({ actor_id }) => actor_id !== id)).toEqual([]);
    }
  });

  it('nobody sees anything without a right to the trail', async () => {
    const owner = await newOwner();
    const { api_key } = await newApiKey(owner, { scopes: ['vaults:*'] });
    (await owner.api.as(api_key).get('/v1/audit/events')).refused(403);
    (await owner.api.as(undefined).get('/v1/audit/events')).refused(401);
    const removed = await newMember(owner);
    (await owner.api.delete(`/v1/org/members/${removed.id}`)).empty();
    await eventually('the token is dead', 2000, async () =>
      (await removed.api.get('/v1/audit/events')).status === 401 ? true : undefined,
    );
  });
});
