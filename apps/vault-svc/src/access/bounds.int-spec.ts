import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ShareDirection } from '@oneclaw/contracts/vault';
import { eventsOf } from '../testing/events.js';
import { agent, attestationOf, owner, person, type Person } from '../testing/people.js';
import { createVault, grant, list, put, read, remove } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let alice: Person;
/** Alice by a personal API key that is limited to paths. */
let key: Person;
let vaultId: string;
let ids: Map<string, string>;

beforeAll(async () => {
  world = await startVaultWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  alice = owner(world.keys);
  key = person(world.keys, { ...alice.caller, sessionKind: 'api_key', pathScopes: ['app/**', 'db/*'] });
  vaultId = (await createVault(world, alice)).id;
  ids = new Map();
  for (const path of ['app', 'app/a', 'app/a/b', 'apples', 'db/x', 'db/x/y', 'other'])
    ids.set(path, ((await put(world, alice, vaultId, path, 'v')) as { id: string }).id);
});

const INSIDE = ['app', 'app/a', 'app/a/b', 'db/x'];
const OUTSIDE = ['apples', 'db/x/y', 'other', 'never/written'];
const refused = { code: 'permission_denied' };

const share = (who: Person, path: string) =>
  world.shares.createShare(
    {
      secretId: ids.get(path)!,
      recipientType: 'anyone_with_link',
      expiresAt: new Date(Date.now() + 60_000),
    },
    who.call,
  );
const outbound = async (who: Person, page?: { limit: number; cursor: string }) =>
  await world.shares.listShares({ direction: ShareDirection.OUTBOUND, ...(page ? { page } : {}) }, who.call);

describe('a session that is limited to paths', () => {
  it('reads, writes, lists and deletes within them only, also in a vault of its own', async () => {
    for (const path of INSIDE) {
      expect(await read(world, key, vaultId, path)).toHaveProperty('text', 'v');
      expect(await put(world, key, vaultId, path, 'w')).toHaveProperty('version', 2);
    }
    for (const path of OUTSIDE) {
      expect(await read(world, key, vaultId, path)).toHaveProperty('error.code', 'permission_denied');
      expect(await read(world, key, vaultId, path, 1)).toHaveProperty('error.code', 'permission_denied');
      expect(await put(world, key, vaultId, path, 'w')).toHaveProperty('error.code', 'permission_denied');
      await expect(remove(world, key, vaultId, path)).rejects.toMatchObject(refused);
      await expect(world.reads.listVersions({ vaultId, path }, key.call)).rejects.toMatchObject(refused);
    }
    expect((await list(world, key, vaultId)).map(({ path }) => path)).toEqual(INSIDE);
    expect((await list(world, key, vaultId, { prefix: 'app' })).map(({ path }) => path)).toEqual(INSIDE.slice(0, 3));
    expect(await list(world, key, vaultId, { prefix: 'other' })).toEqual([]);
    await remove(world, key, vaultId, 'db/x');
    await expect(world.writes.restoreSecret({ vaultId, path: 'other' }, key.call)).rejects.toMatchObject(refused);
  });

  it('shares nothing outside of them, and sees no share of it', async () => {
    const inside = (await share(key, 'app/a')).share!;
    await expect(share(key, 'other')).rejects.toMatchObject(refused);
    await share(alice, 'other');
    const newest = (await share(alice, 'db/x/y')).share!;
    expect((await outbound(alice)).shares).toHaveLength(3);
    const seen = await outbound(key);
    expect(seen.shares.map(({ id, secretPath }) => [id, secretPath])).toEqual([[inside.id, 'app/a']]);
    const paged: string[] = [];
    let cursor = '';
    do {
      const page = await outbound(key, { limit: 1, cursor });
      paged.push(...page.shares.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(paged).toEqual([inside.id]);
    expect(paged).not.toContain(newest.id);
  });

  it('grants nobody else what it does not have', async () => {
    const robot = agent(world.keys, alice.caller.orgId);
    const create = (who: Person, secretPathPattern: string) =>
      world.policies.createPolicy(
        {
          vaultId,
          secretPathPattern,
          principalType: 'agent',
          principalId: robot.caller.id,
          permissions: ['read'],
          principalAttestation: attestationOf(world.keys, robot.caller),
        },
        who.call,
      );
    for (const pattern of ['app/a', 'app/**', 'app/*/b', 'db/x*']) await create(key, pattern);
    for (const pattern of ['**', 'app*', '*', 'db/**', 'other']) {
      await expect(create(key, pattern)).rejects.toMatchObject(refused);
    }
    const wide = await grant(world, world.keys, alice, vaultId, robot, { pattern: 'other', permissions: ['write'] });
    const widened = { vaultId, policyId: wide.id, permissions: ['read'] };
    await expect(world.policies.updatePolicy(widened, key.call)).rejects.toMatchObject(refused);
    expect(await read(world, robot, vaultId, 'other')).toHaveProperty('error.code', 'permission_denied');
    expect(await read(world, robot, vaultId, 'app/a/b')).toHaveProperty('text', 'v');
    await world.policies.deletePolicy({ vaultId, policyId: wide.id }, key.call);
    const events = await eventsOf(world.owner, alice.caller.orgId, 'policy.update');
    expect(events.map(({ details }) => [details['outcome'], details['reason']])).toEqual([['denied', 'outside_scope']]);
  });

  it('has no more for being made of patterns that cannot be understood', async () => {
    const broken = person(world.keys, { ...alice.caller, sessionKind: 'api_key', pathScopes: ['a//b'] });
    expect(await read(world, broken, vaultId, 'app/a')).toHaveProperty('error.code', 'permission_denied');
    expect(await list(world, broken, vaultId)).toEqual([]);
    await expect(share(broken, 'app/a')).rejects.toMatchObject(refused);
  });
});
