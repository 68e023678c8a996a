import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import type { Secret } from './types.js';
import { grant, newAgent, newOwnerWithVault, randomIp, secretUrl } from './world.js';

describe('patterns of policies', () => {
  it.each([
    ['an exact path', 'app/db', ['app/db'], ['app', 'app/db/x', 'app/dbx', 'app/d', 'xapp/db']],
    ['a star for one segment', 'app/*', ['app/a', 'app/b'], ['app', 'app/a/b', 'ap/a']],
    ['a star in the middle', 'app/*/key', ['app/a/key'], ['app/key', 'app/a/b/key', 'app/a/keys']],
    ['a star within a segment', 'prod-*', ['prod-', 'prod-a'], ['prod', 'prod-a/b', 'xprod-a']],
    ['stars around', '*-db-*/x', ['a-db-b/x', '-db-/x'], ['a-db/x', 'a-db-b/c/x']],
    ['a star alone', '*', ['a', 'b'], ['a/b']],
    ['two stars for everything', '**', ['a', 'a/b', 'a/b/c'], []],
    ['two stars at the end for zero or more', 'app/**', ['app', 'app/a', 'app/a/b'], ['apps', 'ap/a']],
    ['two stars at the start', '**/key', ['key', 'a/key', 'a/b/key'], ['a/keys', 'key/a']],
    ['two stars in the middle', 'a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['a', 'z', 'a/b']],
  ])('match %s: %s', async (_, pattern, matching, others) => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner, [{ vault, pattern, permissions: ['read', 'write'] }]);
    for (const path of matching) {
      (await agent.api.put(secretUrl(vault, path), { value: path })).as(201);
      expect((await agent.api.get(secretUrl(vault, path))).as<Secret>(200).value).toBe(path);
    }
    for (const path of others) {
      (await agent.api.get(secretUrl(vault, path))).refused(403);
      (await agent.api.put(secretUrl(vault, path), { value: path })).refused(403);
    }
  });

  it('cost little, however they are made', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const path = `${'a'.repeat(400)}/b`;
    const agent = await newAgent(owner, [
      { vault, pattern: `${'*a'.repeat(100)}*/c` },
      { vault, pattern: '**/a/'.repeat(40) + 'x' },
    ]);
    const start = performance.now();
    (await agent.api.get(secretUrl(vault, path))).refused(403);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('permissions of policies', () => {
  it.each([
    ['read', { get: 200, put: 403, delete: 403 }],
    ['write', { get: 403, put: 201, delete: 204 }],
    ['delete', { get: 403, put: 403, delete: 204 }],
  ])('%s allows its own verbs only', async (permission, expected) => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'v' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: 'a', permissions: [permission] }]);
    const statuses = {
      get: (await agent.api.get(url)).status,
      put: (await agent.api.put(url, { value: 'w' })).status,
      delete: (await agent.api.delete(url)).status,
    };
    expect(statuses).toEqual(expected);
  });

  it('are denied by default, to agents and to nobody but the creator of the vault', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const url = secretUrl(vault, 'a');
    (await owner.api.put(url, { value: 'v' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: 'b' }]);
    (await agent.api.get(url)).refused(403);
    (await agent.api.put(url, { value: 'w' })).refused(403);
    (await agent.api.delete(url)).refused(403);
    (await owner.api.get(url)).as(200);
  });

  it('of several policies add up', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner, [
      { vault, pattern: 'a', permissions: ['write'] },
      { vault, pattern: '*', permissions: ['read'] },
    ]);
    (await agent.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    (await agent.api.get(secretUrl(vault, 'a'))).as(200);
    (await agent.api.put(secretUrl(vault, 'b'), { value: 'v' })).refused(403);
  });
});

/** Minutes of the UTC day, shifted, as HH:MM. */
function clock(shiftMinutes: number): string {
  return new Date(Date.now() + shiftMinutes * 60_000).toISOString().slice(11, 16);
}

function weekday(shiftDays: number): string {
  const date = new Date(Date.now() + shiftDays * 86_400_000);
  return date.toLocaleDateString('en', { weekday: 'short', timeZone: 'UTC' }).toLowerCase();
}

const AROUND_NOW = { after: clock(-120), before: clock(120) };
const ALL_DAYS = [0, 1, 2, 3, 4, 5, 6].map(weekday);

describe('conditions of policies', () => {
  async function readUnder(conditions: Record<string, unknown>, ip?: string): Promise<number> {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: 'a', conditions }]);
    return (await agent.api.from(ip ?? randomIp()).get(secretUrl(vault, 'a'))).status;
  }

  it.each([
    ['10.1.2.3', '10.1.2.3', 200],
    ['10.1.2.3', '10.1.2.4', 403],
    ['10.1.0.0/16', '10.1.255.255', 200],
    ['10.1.0.0/16', '10.2.0.0', 403],
    ['2001:db8::/32', '2001:db8:0:1::7', 200],
    ['2001:db8::/32', '2001:db9::1', 403],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1', 200],
  ])('let %s in from %s: %d', async (entry, ip, expected) => {
    expect(await readUnder({ ip_allowlist: [entry] }, ip)).toBe(expected);
    expect(await readUnder({ ip_allowlist: ['192.0.2.1', entry] }, ip)).toBe(expected);
  });

  it.each([
    ['a window around now', AROUND_NOW, 200],
    ['a window later today', { after: clock(120), before: clock(180) }, 403],
    ['all the day but around now, over midnight or not', { after: clock(120), before: clock(-120) }, 403],
    ['a window in which every day counts', { ...AROUND_NOW, days: ALL_DAYS }, 200],
    ['a window on other days', { after: '00:00', before: '23:59', days: [weekday(2), weekday(3), weekday(4)] }, 403],
    ['the same window of another zone', { after: clock(-120), before: clock(120), timezone: 'Asia/Kolkata' }, 403],
    [
      'a window told in another zone',
      { after: clock(330 - 120), before: clock(330 + 120), timezone: 'Asia/Kolkata' },
      200,
    ],
  ])('hold the time: %s', async (_, window, expected) => {
    expect(await readUnder({ time_window: window })).toBe(expected);
  });

  it('must all hold', async () => {
    const late = { after: clock(120), before: clock(180) };
    expect(await readUnder({ ip_allowlist: ['10.1.2.3'], time_window: AROUND_NOW }, '10.1.2.3')).toBe(200);
    expect(await readUnder({ ip_allowlist: ['10.1.2.3'], time_window: AROUND_NOW }, '10.9.9.9')).toBe(403);
    expect(await readUnder({ ip_allowlist: ['10.1.2.3'], time_window: late }, '10.1.2.3')).toBe(403);
  });

  it('an expiry ends the policy by itself', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(owner);
    const expiresAt = Date.now() + 1500;
    const policy = await grant(owner, agent.id, { vault, pattern: 'a' });
    const url = `/v1/vaults/${vault.id}/policies/${policy.id}`;
    (await owner.api.put(url, { expires_at: new Date(expiresAt).toISOString() })).as(200);
    (await agent.api.get(secretUrl(vault, 'a'))).as(200);
    await eventually('the policy expires', 5000, async () => {
      const { status } = await agent.api.get(secretUrl(vault, 'a'));
      return status === 403 ? true : undefined;
    });
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  });
});
