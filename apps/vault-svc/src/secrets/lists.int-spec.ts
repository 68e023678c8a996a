import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query } from '@oneclaw/database';
import { DataSource, type EntityManager } from 'typeorm';
import { eventsOf } from '../testing/events.js';
import { agent, from, member, owner, person, type Person } from '../testing/people.js';
import { createVault, fill, grant, list, put, putAll, remove } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';
import { inIndexOrder } from './index-order.js';
import { LIST } from './secret-list.repository.js';

let world: VaultWorld;
let alice: Person;
let vaultId: string;
const PATHS = ['Z', 'a', 'a-b', 'a/b', 'a/b/c', 'a0', 'b/x', 'b/y', 'b_', 'c/1/z', 'c/2/z'];

beforeAll(async () => {
  world = await startVaultWorld();
  alice = owner(world.keys);
  vaultId = (await createVault(world, alice)).id;
  await putAll(
    world,
    [...PATHS].reverse().map((path) => ({ who: alice, vaultId, path, value: 'x' })),
  );
});
afterAll(() => world.close());

const paths = async (who: Person, prefix = '') => (await list(world, who, vaultId, { prefix })).map(({ path }) => path);
const reader = async (pattern: string, options: Parameters<typeof grant>[5] = {}) => {
  const bob = agent(world.keys, alice.caller.orgId);
  await grant(world, world.keys, alice, vaultId, bob, { pattern, ...options });
  return bob;
};

describe('listing secrets', () => {
  it('orders by path, byte by byte', async () => {
    expect(await paths(alice)).toEqual([...PATHS].sort());
  });

  it.each([
    ['a', ['a', 'a-b', 'a/b', 'a/b/c', 'a0']],
    ['a/', ['a/b', 'a/b/c']],
    ['b_', ['b_']],
    ['A', []],
    ['zzz', []],
    ['%', []],
    ['a%', []],
    ['a\u0000', []],
    ['é', []],
    ['x'.repeat(600), []],
  ])('takes the prefix %j as plain text', async (prefix, expected) => {
    expect(await paths(alice, prefix)).toEqual(expected);
  });

  it.each([
    ['**', '', [...PATHS].sort()],
    ['a/**', '', ['a', 'a/b', 'a/b/c']],
    ['*/y', '', ['b/y']],
    ['c/*/z', 'c/2', ['c/2/z']],
    ['b*', 'b', ['b_']],
    ['a', 'b', []],
  ])('shows what a policy on %s lets one read, under prefix %j', async (pattern, prefix, expected) => {
    expect(await paths(await reader(pattern), prefix)).toEqual(expected);
  });

  it('shows nothing for a policy that only allows writing, has expired, or whose conditions do not hold', async () => {
    expect(await paths(await reader('**', { permissions: ['write'] }))).toEqual([]);
    const elsewhere = await reader('**', { conditions: { ip_allowlist: ['198.51.100.0/24'] } });
    expect(await paths(elsewhere)).toEqual([]);
    expect(await paths(from(elsewhere, '198.51.100.4'))).toEqual([...PATHS].sort());
  });

  it('stays under the ceiling of a scoped key', async () => {
    const { id, orgId } = alice.caller;
    const scoped = person(world.keys, { id, orgId, role: 'owner', pathScopes: ['b/*', 'c/**'] });
    expect(await paths(scoped)).toEqual(['b/x', 'b/y', 'c/1/z', 'c/2/z']);
  });

  it('is refused to those with no part in the vault, and not found by other orgs', async () => {
    const bob = member(world.keys, alice.caller.orgId);
    await expect(paths(bob)).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(paths(owner(world.keys))).rejects.toMatchObject({ code: 'not_found' });
    await expect(list(world, alice, randomUUID())).rejects.toMatchObject({ code: 'not_found' });
    const bound = agent(world.keys, alice.caller.orgId, { vaultIds: [randomUUID()] });
    await expect(paths(bound)).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('hides deleted and expired secrets, and shows the latest version’s metadata', async () => {
    const own = await createVault(world, alice);
    await put(world, alice, own.id, 'live', 'one', { type: 'note' });
    await put(world, alice, own.id, 'live', 'two', { type: 'env', metadataJson: '{"k":"v"}' });
    await put(world, alice, own.id, 'deleted');
    await remove(world, alice, own.id, 'deleted');
    await put(world, alice, own.id, 'expired', 'x', { expiresAt: new Date(Date.now() - 1) });
    expect(await list(world, alice, own.id)).toEqual([
      expect.objectContaining({ path: 'live', version: 2, type: 'env', metadataJson: '{"k":"v"}' }),
    ]);
  });

  it('pages by cursor without gap or repetition, also where most is hidden from the caller', async () => {
    const own = await createVault(world, alice);
    const all = Array.from(
      { length: 130 },
      (_, index) => `${index % 13 === 0 ? 'mine' : 'other'}-${String(index).padStart(3, '0')}`,
    );
    await putAll(
      world,
      all.map((path) => ({ who: alice, vaultId: own.id, path, value: 'x' })),
    );
    const bob = agent(world.keys, alice.caller.orgId);
    await grant(world, world.keys, alice, own.id, bob, { pattern: '*0' });
    const expected = all.filter((path) => path.endsWith('0')).sort();

    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await world.reads.listSecrets({ vaultId: own.id, page: { limit: 4, cursor } }, bob.call);
      expect(page.secrets.length).toBeLessThanOrEqual(4);
      seen.push(...page.secrets.map(({ path }) => path));
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(seen).toEqual(expected);
  });

  it('keeps its place while others write and delete: what is there all the time comes once', async () => {
    const own = await createVault(world, alice);
    const stays = Array.from({ length: 60 }, (_, index) => `stay-${String(index).padStart(3, '0')}`);
    await putAll(
      world,
      stays.map((path) => ({ who: alice, vaultId: own.id, path, value: 'x' })),
    );
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await world.reads.listSecrets({ vaultId: own.id, page: { limit: 7, cursor } }, alice.call);
      seen.push(...page.secrets.map(({ path }) => path));
      cursor = page.nextCursor;
      // Behind, at and before the place of the cursor; the entry that it names goes too.
      const last = seen.at(-1)!;
      await Promise.all([
        put(world, alice, own.id, 'a-new-one'),
        put(world, alice, own.id, `${last}-new`),
        put(world, alice, own.id, last, 'changed'),
      ]);
      await remove(world, alice, own.id, `${last}-new`);
    } while (cursor !== '');
    expect(seen.filter((path) => stays.includes(path))).toEqual(stays);
    expect(new Set(seen).size).toBe(seen.length);

    const { nextCursor } = await world.reads.listSecrets({ vaultId: own.id, page: { limit: 3 } }, alice.call);
    for (const path of stays.slice(0, 10)) await remove(world, alice, own.id, path);
    const next = await world.reads.listSecrets({ vaultId: own.id, page: { limit: 1, cursor: nextCursor } }, alice.call);
    expect(next.secrets.map(({ path }) => path)).toEqual([stays[10]]);
  });

  it('comes in parts that one message holds, whatever there is', async () => {
    const own = await createVault(world, alice);
    await fill(world, { vaultId: own.id, count: 11_000 });
    const sizes: number[] = [];
    const seen: string[] = [];
    let cursor = '';
    do {
      const part = await world.reads.listSecrets({ vaultId: own.id, page: { cursor } }, alice.call);
      sizes.push(part.secrets.length);
      seen.push(...part.secrets.map(({ path }) => path));
      cursor = part.nextCursor;
    } while (cursor !== '');
    expect(sizes).toEqual([5000, 5000, 1000]);
    expect(new Set(seen).size).toBe(11_000);
    expect([...seen].sort()).toEqual(seen);
  });

  it('looks at so many for one answer only, and shows no name of what it passed', async () => {
    const own = await createVault(world, alice);
    await fill(world, { vaultId: own.id, count: 20_100, path: `'hidden/' || n` });
    for (const path of ['a/mine', 'b/mine', 'z/mine']) await put(world, alice, own.id, path);
    const bob = agent(world.keys, alice.caller.orgId);
    await grant(world, world.keys, alice, own.id, bob, { pattern: '*/mine' });
    const page = (limit: number, cursor = '') =>
      world.reads.listSecrets({ vaultId: own.id, page: { limit, cursor } }, bob.call);

    const first = await page(2);
    expect(first.secrets.map(({ path }) => path)).toEqual(['a/mine', 'b/mine']);
    // The answer is full, so its cursor may be shown: it names the last path that was.
    expect(Buffer.from(first.nextCursor, 'base64url').toString()).toBe('["b/mine"]');
    const passing = await page(2, first.nextCursor);
    expect(passing.secrets).toEqual([]);
    const last = await page(2, passing.nextCursor);
    expect(last.secrets.map(({ path }) => path)).toEqual(['z/mine']);
    expect(last.nextCursor).toBe('');
  });

  it('walks the index, also in a vault that the planner has not heard of', async () => {
    const own = await createVault(world, alice);
    await fill(world, { vaultId: own.id, count: 3000 });
    const planOf = async (database: DataSource | EntityManager) => {
      const values = [alice.caller.orgId, own.id, '', '', '~', 500];
      const rows = await query<{ 'QUERY PLAN': string }>(database, `EXPLAIN ${LIST}`, values);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    const plan = await inIndexOrder(world.service.get(DataSource), planOf);
    expect(plan).toContain('Index Scan using secrets_vault_path_key');
    expect(plan).not.toMatch(/Sort|Bitmap|Seq Scan|Hash/);
  });

  it('is an event with prefix and count', async () => {
    const zoe = owner(world.keys);
    const own = await createVault(world, zoe);
    await put(world, zoe, own.id, 'p/1');
    await list(world, zoe, own.id, { prefix: 'p/' });
    const [event] = await eventsOf(world.owner, zoe.caller.orgId, 'secret.list');
    expect(event).toMatchObject({
      resourceType: 'vault',
      resourceId: own.id,
      details: { vault_id: own.id, prefix: 'p/', count: 1 },
    });
  });
});
