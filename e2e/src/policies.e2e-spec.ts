import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { by, denied, trailWith } from './trail.js';
import type { Policy } from './types.js';
import { grant, newAgent, newOwner, newOwnerWithVault, newVault, registerAgent, secretUrl } from './world.js';

async function world() {
  const { owner, vault } = await newOwnerWithVault();
  const agent = await registerAgent(owner);
  const url = `/v1/vaults/${vault.id}/policies`;
  const body = { secret_path_pattern: 'a/*', principal_type: 'agent', principal_id: agent.id, permissions: ['read'] };
  return { owner, vault, agent, url, body };
}

const listed = async ({ owner, url }: Awaited<ReturnType<typeof world>>): Promise<Policy[]> =>
  (await owner.api.get(url)).as<{ policies: Policy[] }>(200).policies;

describe('creating policies', () => {
  it('answers the policy, and shows the same in the list', async () => {
    const here = await world();
    const fields = {
      ...here.body,
      permissions: ['read', 'write'],
      conditions: { ip_allowlist: ['10.0.0.0/8', '::1'], time_window: { after: '08:00', before: '18:30' } },
    };
    const answer = await here.owner.api.post(here.url, { ...fields, expires_at: '2032-01-02T03:04:05+02:00' });
    const policy = answer.as<Policy>(201);
    expect(policy).toMatchObject({
      ...fields,
      vault_id: here.vault.id,
      created_by: here.owner.id,
      created_by_type: 'user',
    });
    expect(new Date(policy.expires_at ?? 0).toISOString()).toBe('2032-01-02T01:04:05.000Z');
    expect(await listed(here)).toEqual([policy]);
    const events = await trailWith(here.owner.api, by('policy.create', here.owner.id));
    expect(events.find(by('policy.create'))?.resource_id).toBe(policy.id);
  });

  it('shows no conditions as an empty object', async () => {
    const here = await world();
    const answer = await here.owner.api.post(here.url, { ...here.body, conditions: null, expires_at: null });
    expect(answer.as<Policy>(201).conditions).toEqual({});
  });

  it('may name a person of the org', async () => {
    const here = await world();
    const body = { ...here.body, principal_type: 'user', principal_id: here.owner.id };
    expect((await here.owner.api.post(here.url, body)).as<Policy>(201)).toMatchObject({ principal_id: here.owner.id });
  });

  it('refuses principals who are not in the org', async () => {
    const here = await world();
    const other = await newOwner();
    const stranger = await registerAgent(other);
    const principals: [type: string, id: string][] = [
      ['agent', randomUUID()],
      ['agent', stranger.id],
      ['user', other.id],
      ['user', here.agent.id],
      ['agent', here.owner.id],
    ];
    for (const [principal_type, principal_id] of principals)
      (await here.owner.api.post(here.url, { ...here.body, principal_type, principal_id })).invalid('principal_id');
    expect(await listed(here)).toEqual([]);
  });

  it.each([
    ['secret_path_pattern', { secret_path_pattern: undefined }],
    ['secret_path_pattern', { secret_path_pattern: '' }],
    ['secret_path_pattern', { secret_path_pattern: 7 }],
    ['secret_path_pattern', { secret_path_pattern: 'a//b' }],
    ['secret_path_pattern', { secret_path_pattern: '/a' }],
    ['secret_path_pattern', { secret_path_pattern: 'a/../b' }],
    ['secret_path_pattern', { secret_path_pattern: 'a%2Fb' }],
    ['secret_path_pattern', { secret_path_pattern: 'x'.repeat(10_000) }],
    ['principal_type', { principal_type: 'group' }],
    ['principal_type', { principal_type: null }],
    ['principal_id', { principal_id: 'not-a-uuid' }],
    ['principal_id', { principal_id: undefined }],
    ['permissions', { permissions: [] }],
    ['permissions', { permissions: undefined }],
    ['permissions', { permissions: 'read' }],
    ['permissions', { permissions: ['read', 'admin'] }],
    ['permissions', { permissions: [null] }],
    ['expires_at', { expires_at: 'never' }],
    ['conditions', { conditions: [] }],
    ['conditions', { conditions: 'none' }],
    ['conditions', { conditions: { mfa: true } }],
    ['conditions', { conditions: { ip_allowlist: '10.0.0.1' } }],
    ['conditions', { conditions: { ip_allowlist: ['10.0.0.256'] } }],
    ['conditions', { conditions: { ip_allowlist: ['10.0.0.0/33'] } }],
    ['conditions', { conditions: { ip_allowlist: ['example.com'] } }],
    ['conditions', { conditions: { time_window: { after: '08:00' } } }],
    ['conditions', { conditions: { time_window: { after: '8:00', before: '25:00' } } }],
    ['conditions', { conditions: { time_window: { after: '08:00', before: '18:60' } } }],
    ['conditions', { conditions: { time_window: { after: '08:00', before: '18:00', timezone: 'Mars/Olympus' } } }],
    ['conditions', { conditions: { time_window: { after: '08:00', before: '18:00', days: ['monday'] } } }],
    ['conditions', { conditions: { time_window: { after: '08:00', before: '18:00', until: 'noon' } } }],
  ])('refuses a bad %s: %j', async (field, fields) => {
    const here = await world();
    (await here.owner.api.post(here.url, { ...here.body, ...fields })).invalid(field);
    expect(await listed(here)).toEqual([]);
  });
});

describe('changing policies', () => {
  it('replaces the fields that are given, keeps absent ones and clears those that are null', async () => {
    const here = await world();
    const conditions = { ip_allowlist: ['10.1.2.3'] };
    const expires_at = '2032-01-02T03:04:05Z';
    const created = (await here.owner.api.post(here.url, { ...here.body, conditions, expires_at })).as<Policy>(201);
    const put = async (body: unknown): Promise<Policy> =>
      (await here.owner.api.put(`${here.url}/${created.id}`, body)).as<Policy>(200);

    expect(await put({})).toEqual(created);
    expect(await put({ permissions: ['delete'] })).toEqual({ ...created, permissions: ['delete'] });
    const narrowed = { time_window: { after: '01:00', before: '02:00' } };
    expect(await put({ conditions: narrowed })).toMatchObject({ conditions: narrowed, permissions: ['delete'] });
    expect((await put({ expires_at: null })).expires_at ?? null).toBeNull();
    expect((await put({ conditions: null })).conditions).toEqual({});
    expect((await listed(here))[0]).toMatchObject({ permissions: ['delete'], conditions: {} });
    const events = await trailWith(here.owner.api, by('policy.update', here.owner.id));
    expect(events.find(by('policy.update'))?.resource_id).toBe(created.id);
  });

  it('changes neither pattern nor principal', async () => {
    const here = await world();
    const policy = await grant(here.owner, here.agent.id, { vault: here.vault, pattern: 'a/*' });
    const body = { secret_path_pattern: '**', principal_id: here.owner.id, principal_type: 'user', id: randomUUID() };
    expect((await here.owner.api.put(`${here.url}/${policy.id}`, body)).as<Policy>(200)).toEqual(policy);
  });

  it.each([
    ['permissions', { permissions: [] }],
    ['permissions', { permissions: ['own'] }],
    ['conditions', { conditions: { geo: ['de'] } }],
    ['expires_at', { expires_at: 12 }],
  ])('refuses a bad %s: %j', async (field, body) => {
    const here = await world();
    const policy = await grant(here.owner, here.agent.id, { vault: here.vault, pattern: 'a/*' });
    (await here.owner.api.put(`${here.url}/${policy.id}`, body)).invalid(field);
    expect(await listed(here)).toEqual([policy]);
  });

  it('finds policies only in their own vault and org', async () => {
    const here = await world();
    const policy = await grant(here.owner, here.agent.id, { vault: here.vault, pattern: 'a' });
    const otherVault = await newVault(here.owner);
    const stranger = await newOwnerWithVault();
    const body = { permissions: ['write'] };
    const places: [owner: typeof here.owner, url: string][] = [
      [here.owner, `/v1/vaults/${otherVault.id}/policies/${policy.id}`],
      [here.owner, `${here.url}/${randomUUID()}`],
      [stranger.owner, `${here.url}/${policy.id}`],
      [stranger.owner, `/v1/vaults/${stranger.vault.id}/policies/${policy.id}`],
    ];
    for (const [{ api }, url] of places) {
      (await api.put(url, body)).refused(404);
      (await api.delete(url)).refused(404);
    }
    (await here.owner.api.delete(`${here.url}/not-a-uuid`)).refused(400);
    expect(await listed(here)).toEqual([policy]);
  });
});

describe('revoking policies', () => {
  it('ends the access at once', async () => {
    const here = await world();
    (await here.owner.api.put(secretUrl(here.vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(here.owner);
    const policy = await grant(here.owner, agent.id, { vault: here.vault, pattern: 'a' });
    (await agent.api.get(secretUrl(here.vault, 'a'))).as(200);
    (await here.owner.api.delete(`${here.url}/${policy.id}`)).empty();
    (await agent.api.get(secretUrl(here.vault, 'a'))).refused(403);
    (await here.owner.api.delete(`${here.url}/${policy.id}`)).refused(404);
    const events = await trailWith(here.owner.api, by('policy.delete', here.owner.id));
    expect(events.find((event) => by('policy.delete')(event) && !denied(event))?.resource_id).toBe(policy.id);
  });

  it('narrowing permissions acts at once too', async () => {
    const here = await world();
    (await here.owner.api.put(secretUrl(here.vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(here.owner);
    const policy = await grant(here.owner, agent.id, {
      vault: here.vault,
      pattern: 'a',
      permissions: ['read', 'write'],
    });
    (await here.owner.api.put(`${here.url}/${policy.id}`, { permissions: ['write'] })).as(200);
    (await agent.api.get(secretUrl(here.vault, 'a'))).refused(403);
    (await agent.api.put(secretUrl(here.vault, 'a'), { value: 'w' })).as(201);
  });
});
