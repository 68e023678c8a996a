import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@oneclaw/testing';
import { eventsOf } from '../testing/events.js';
import { agent, member, owner, person, type Person } from '../testing/people.js';
import { createVault, grant, put, putAll, read } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
beforeAll(async () => {
  world = await startVaultWorld();
});
afterAll(() => world.close());

const names = async (who: Person) => (await world.vaults.listVaults({}, who.call)).vaults.map(({ name }) => name);
const get = (who: Person, vaultId: string) => world.vaults.getVault({ vaultId }, who.call);
const remove = (who: Person, vaultId: string) => world.vaults.deleteVault({ vaultId }, who.call);

describe('a vault', () => {
  it('is made with a KEK of its own, and shown as it was made', async () => {
    const alice = owner(world.keys);
    const { vault } = await world.vaults.createVault({ name: 'Über 🔐', description: 'for tests' }, alice.call);
    expect(vault).toMatchObject({
      name: 'Über 🔐',
      description: 'for tests',
      createdBy: alice.caller.id,
      createdByType: 'user',
      cmekEnabled: false,
      createdAt: expect.any(Date),
    });
    expect(vault?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect((await get(alice, vault!.id)).vault).toEqual(vault);
    await createVault(world, alice, 'Über 🔐');
    const { rows } = await world.owner.query(
      'SELECT k.id FROM vault_keks k JOIN vaults v ON v.id = k.vault_id WHERE v.org_id = $1 AND k.is_current',
      [alice.caller.orgId],
    );
    expect(rows).toHaveLength(2);
  });

  it.each([
    ['', undefined, 'name'],
    ['x'.repeat(129), undefined, 'name'],
    ['__agent-keys', undefined, 'name'],
    ['a\u0000b', undefined, 'name'],
    ['fine', 'nul \u0000', 'description'],
  ])('is not made from %j, %j', async (name, description, field) => {
    const alice = owner(world.keys);
    await expect(world.vaults.createVault({ name, description }, alice.call)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { [field]: expect.any(String) },
    });
  });

  it('is seen by owner and admin, by its creator, by members and agents with a policy, and nobody else', async () => {
    const alice = owner(world.keys);
    const { orgId } = alice.caller;
    const admin = person(world.keys, { orgId, role: 'admin' });
    const [bob, carol] = [member(world.keys, orgId), member(world.keys, orgId)];
    const [robot, bound] = [agent(world.keys, orgId), agent(world.keys, orgId, { vaultIds: [randomUUID()] })];
    const first = await createVault(world, alice, 'first');
    const second = await createVault(world, bob, 'second');
    for (const who of [carol, robot, bound]) await grant(world, world.keys, alice, second.id, who);
    const ended = member(world.keys, orgId);
    await grant(world, world.keys, alice, second.id, ended, { expiresAt: new Date(Date.now() - 1000) });

    expect(await names(alice)).toEqual(['first', 'second']);
    expect(await names(admin)).toEqual(['first', 'second']);
    expect(await names(bob)).toEqual(['second']);
    expect(await names(carol)).toEqual(['second']);
    expect(await names(robot)).toEqual(['second']);
    expect(await names(bound)).toEqual([]);
    expect(await names(ended)).toEqual([]);
    expect(await names(owner(world.keys))).toEqual([]);

    expect((await get(carol, second.id)).vault?.name).toBe('second');
    for (const who of [bob, carol, robot])
      await expect(get(who, first.id)).rejects.toMatchObject({ code: 'permission_denied' });
    for (const who of [bound, ended])
      await expect(get(who, second.id)).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(get(owner(world.keys), first.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(get(alice, 'no-uuid')).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('comes in pages, oldest first', async () => {
    const alice = owner(world.keys);
    for (let index = 0; index < 5; index += 1) await createVault(world, alice, `v${index}`);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await world.vaults.listVaults({ page: { limit: 2, cursor } }, alice.call);
      seen.push(...page.vaults.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(seen).toEqual(['v0', 'v1', 'v2', 'v3', 'v4']);
  });

  it('is not made by agents', async () => {
    const robot = agent(world.keys, randomUUID());
    await expect(world.vaults.createVault({ name: 'x' }, robot.call)).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });
});

describe('deleting a vault', () => {
  it('destroys its key and its policies at once, and its rows soon after', async () => {
    const alice = owner(world.keys);
    const robot = agent(world.keys, alice.caller.orgId);
    const { id } = await createVault(world, alice);
    const many = Array.from({ length: 600 }, (_, index) => ({
      who: alice,
      vaultId: id,
      path: `s/${index}`,
      value: 'x',
    }));
    await putAll(world, many);
    await grant(world, world.keys, alice, id, robot);

    await remove(alice, id);

    expect(await read(world, alice, id, 's/0')).toHaveProperty('error.code', 'not_found');
    expect(await put(world, alice, id, 's/0')).toHaveProperty('error.code', 'not_found');
    await expect(get(robot, id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await names(alice)).toEqual([]);
    await expect(remove(alice, id)).rejects.toMatchObject({ code: 'not_found' });
    const { rows } = await world.owner.query('SELECT wrapped FROM vault_keks WHERE vault_id = $1', [id]);
    expect(rows.filter(({ wrapped }) => wrapped !== null)).toEqual([]);
    await eventually(async () => {
      const left = await world.owner.query(
        'SELECT 1 FROM vaults WHERE id = $1 UNION ALL SELECT 1 FROM secrets WHERE vault_id = $1 UNION ALL SELECT 1 FROM policies WHERE vault_id = $1',
        [id],
      );
      expect(left.rows).toEqual([]);
    });
  });

  it('is for its creator, owner and admin', async () => {
    const alice = owner(world.keys);
    const { orgId } = alice.caller;
    const [bob, carol] = [member(world.keys, orgId), member(world.keys, orgId)];
    const robot = agent(world.keys, orgId);
    const vault = await createVault(world, bob);
    for (const who of [carol, robot]) {
      await grant(world, world.keys, bob, vault.id, who, { permissions: ['read', 'write', 'delete'] });
      await expect(remove(who, vault.id)).rejects.toMatchObject({ code: 'permission_denied' });
    }
    await expect(remove(owner(world.keys), vault.id)).rejects.toMatchObject({ code: 'not_found' });
    await remove(bob, vault.id);
  });

  it('happens once when asked for several times at once', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => remove(alice, id)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await eventsOf(world.owner, alice.caller.orgId, 'vault.delete')).toHaveLength(8);
  });

  it('while it is written to leaves nothing behind', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    const writing = Array.from({ length: 60 }, (_, index) => put(world, alice, id, `w/${index}`));
    await remove(alice, id);
    const codes = new Set((await Promise.all(writing)).map(({ error }) => error?.code));
    expect([...codes].every((code) => code === undefined || code === 'not_found')).toBe(true);
    await eventually(async () => {
      const left = await world.owner.query('SELECT 1 FROM secrets WHERE vault_id = $1', [id]);
      expect(left.rows).toEqual([]);
    });
  });

  it('is an event; so is making it, and being refused', async () => {
    const alice = owner(world.keys);
    const bob = member(world.keys, alice.caller.orgId);
    const { id } = await createVault(world, alice, 'traced');
    await expect(remove(bob, id)).rejects.toThrow();
    await remove(alice, id);
    const { orgId } = alice.caller;
    expect(await eventsOf(world.owner, orgId, 'vault.create')).toMatchObject([
      { resourceId: id, details: { name: 'traced' } },
    ]);
    expect(await eventsOf(world.owner, orgId, 'vault.delete')).toMatchObject([
      { actorId: bob.caller.id, resourceId: id, details: { outcome: 'denied', reason: 'not_manager' } },
      { actorId: alice.caller.id, resourceId: id, details: { name: 'traced' } },
    ]);
  });
});
