import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { KekRotation } from '@oneclaw/contracts/vault';
import { eventually } from '@oneclaw/testing';
import { eventsOf } from '../testing/events.js';
import { gate } from '../testing/gate.js';
import { agent, member, owner, type Person } from '../testing/people.js';
import { createVault, grant, put, putAll, read, readAll, remove } from '../testing/usage.js';
import { startVaultWorld, type Clients, type Replica, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let replicas: Replica[];
beforeAll(async () => {
  world = await startVaultWorld();
  replicas = [world, await world.startReplica(), await world.startReplica()];
});
afterAll(() => world.close());
afterEach(() => {
  world.keys.state = 'ok';
  delete world.keys.gates.seal;
  delete world.keys.gates.rewrap;
});

const start = async (who: Person, vaultId: string, { kekRotations }: Clients = world) =>
  (await kekRotations.startKekRotation({ vaultId }, who.call)).rotation!;
const latest = async (who: Person, vaultId: string) =>
  (await world.kekRotations.getKekRotation({ vaultId }, who.call)).rotation!;
const ended = (who: Person, vaultId: string): Promise<KekRotation> =>
  eventually(async () => {
    const rotation = await latest(who, vaultId);
    if (rotation.status === 'running') throw new Error(`${rotation.rewrapped} of ${rotation.totalVersions}`);
    return rotation;
  });

/** The vault's KEKs: their ids, and how many versions each has. */
async function keksOf(vaultId: string): Promise<{ id: string; is_current: boolean; versions: number }[]> {
  const { rows } = await world.owner.query(
    `SELECT id, is_current, (SELECT count(*)::int FROM secret_versions WHERE kek_id = k.id) AS versions
     FROM vault_keks k WHERE vault_id = $1 ORDER BY created_at`,
    [vaultId],
  );
  return rows as { id: string; is_current: boolean; versions: number }[];
}

async function fill(who: Person, vaultId: string, count: number): Promise<string[]> {
  const paths = Array.from({ length: count }, (_, index) => `s/${index}`);
  await putAll(
    world,
    paths.map((path) => ({ who, vaultId, path, value: `value of ${path}` })),
  );
  return paths;
}

const textsOf = async (who: Person, vaultId: string, paths: readonly string[]) =>
  (
    await readAll(
      world,
      paths.map((path) => ({ who, vaultId, path })),
    )
  ).map((answer) => (answer.error ? answer.error.code : answer.text));

describe('a rotation of a vault’s KEK', () => {
  it('moves every version, old and deleted ones too, and deletes the old KEK', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    await put(world, alice, id, 'a', 'first');
    await put(world, alice, id, 'a', 'second');
    await put(world, alice, id, 'b', 'deleted');
    await remove(world, alice, id, 'b');
    await put(world, alice, id, 'c/d', '');
    const [before] = await keksOf(id);

    const rotation = await start(alice, id);
    expect(rotation).toMatchObject({ vaultId: id, status: 'running', totalVersions: 4 });
    expect(await ended(alice, id)).toMatchObject({
      id: rotation.id,
      status: 'completed',
      totalVersions: 4,
      rewrapped: 4,
      damaged: 0,
      completedAt: expect.any(Date),
    });

    const after = await keksOf(id);
    expect(after).toEqual([{ id: expect.any(String), is_current: true, versions: 4 }]);
    expect(after[0]!.id).not.toBe(before!.id);
    expect(await textsOf(alice, id, ['a', 'c/d'])).toEqual(['second', '']);
    expect(await read(world, alice, id, 'a', 1)).toHaveProperty('text', 'first');
    expect(await put(world, alice, id, 'b', 'revived')).toHaveProperty('version', 2);
    expect(await read(world, alice, id, 'b')).toHaveProperty('text', 'revived');
  });

  it('is in the trail when it starts and when it ends', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    await fill(alice, id, 3);
    const rotation = await start(alice, id);
    await ended(alice, id);
    const events = await eventsOf(world.owner, alice.caller.orgId, 'vault.rotate_kek');
    const named = { vault_id: id, rotation_id: rotation.id };
    expect(events.map(({ actorType, resourceId, details }) => [actorType, resourceId, details])).toEqual([
      ['user', id, { ...named, status: 'running', total_versions: 3 }],
      ['system', id, { ...named, status: 'completed', rewrapped: 3, damaged: 0 }],
    ]);
  });

  it('is for owner and admin, also of vaults that others made', async () => {
    const alice = owner(world.keys);
    const bob = member(world.keys, alice.caller.orgId);
    const { id } = await createVault(world, bob);
    for (const refused of [bob, agent(world.keys, alice.caller.orgId)]) {
      await expect(start(refused, id)).rejects.toMatchObject({ code: 'permission_denied' });
      await expect(latest(refused, id)).rejects.toMatchObject({ code: 'permission_denied' });
    }
    const stranger = owner(world.keys);
    await expect(start(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(latest(alice, id)).rejects.toMatchObject({ code: 'not_found' });
    expect((await start(alice, id)).status).toBe('running');
    const denied = await eventsOf(world.owner, alice.caller.orgId, 'vault.rotate_kek');
    expect(denied[0]).toMatchObject({
      actorId: bob.caller.id,
      details: { outcome: 'denied', reason: 'not_administrator' },
    });
  });

  it('runs once, however often and wherever it is asked for at once', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    await fill(alice, id, 5);
    const { opened, open } = gate();
    world.keys.gates.rewrap = opened;
    const asked = await Promise.all(Array.from({ length: 12 }, (_, index) => start(alice, id, replicas[index % 3])));
    expect(new Set(asked.map((rotation) => rotation.id)).size).toBe(1);
    open();
    expect(await ended(alice, id)).toMatchObject({ status: 'completed', rewrapped: 5 });
    expect(await keksOf(id)).toHaveLength(1);
    expect((await start(alice, id)).id).not.toBe(asked[0]!.id);
    await ended(alice, id);
  });

  it('moves each version once while three replicas work on it, and while everyone reads and writes', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    const paths = await fill(alice, id, 1500);
    const rotation = await start(alice, id);
    const written: string[] = [];
    while ((await latest(alice, id)).status === 'running') {
      const round = written.length;
      const writes = replicas.map((replica, index) =>
        put(replica, alice, id, `new/${round + index}`, `new ${round + index}`),
      );
      const rewrites = put(world, alice, id, 's/7', `again ${round}`);
      expect(await textsOf(alice, id, ['s/0', 's/1499', ...written.slice(-1)])).toEqual([
        'value of s/0',
        'value of s/1499',
        ...written.slice(-1).map((path) => path.replace('/', ' ')),
      ]);
      expect((await rewrites).error).toBeUndefined();
      for (const answer of await Promise.all(writes)) written.push((answer as { path: string }).path);
    }
    const done = await ended(alice, id);
    expect(done).toMatchObject({ id: rotation.id, status: 'completed', damaged: 0 });
    expect(done.rewrapped).toBe(done.totalVersions);
    expect(done.totalVersions).toBeLessThanOrEqual(1500 + 12);
    expect(await keksOf(id)).toHaveLength(1);
    const others = paths.filter((path) => path !== 's/7');
    expect(await textsOf(alice, id, others)).toEqual(others.map((path) => `value of ${path}`));
    expect(await textsOf(alice, id, written)).toEqual(written.map((path) => path.replace('/', ' ')));
  });

  it('that has ended before a write under the old KEK is inserted, makes the write take the new one', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    await fill(alice, id, 2);
    const { opened, open } = gate();
    world.keys.gates.seal = opened;
    const calls = world.keys.calls.seal;
    const writing = put(world, alice, id, 'late', 'not lost');
    await eventually(async () => expect(world.keys.calls.seal).toBe(calls + 1));
    await start(alice, id);
    expect((await ended(alice, id)).status).toBe('completed');
    open();
    expect(await writing).toMatchObject({ version: 1 });
    expect(await textsOf(alice, id, ['late', 's/0'])).toEqual(['not lost', 'value of s/0']);
    expect(await keksOf(id)).toEqual([expect.objectContaining({ versions: 3 })]);
  });

  it('waits for a write that is inserted under the old KEK and not yet committed, and moves it too', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    await fill(alice, id, 2);
    const holder = await world.owner.connect();
    await holder.query(HOLD_NOTES);
    const writing = put(world, alice, id, 'late', 'not lost', { type: 'note' });
    await waitingFor('advisory');
    await start(alice, id);
    await waitingFor('transactionid');
    await holder.query('SELECT pg_advisory_unlock(4711)');
    holder.release();
    expect(await writing).toMatchObject({ version: 1 });
    expect(await ended(alice, id)).toMatchObject({ status: 'completed', rewrapped: 3, totalVersions: 3 });
    expect(await textsOf(alice, id, ['late', 's/1'])).toEqual(['not lost', 'value of s/1']);
    expect(await keksOf(id)).toEqual([expect.objectContaining({ versions: 3 })]);
  });

  it('goes on when the HSM is back', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    await fill(alice, id, 450);
    const { opened, open } = gate();
    world.keys.gates.rewrap = opened;
    const calls = world.keys.calls.rewrap;
    await start(alice, id);
    await eventually(async () => expect(world.keys.calls.rewrap).toBe(calls + 1));
    world.keys.state = 'unavailable';
    open();
    await eventually(async () => expect(world.keys.calls.rewrap).toBe(calls + 2));
    expect(await latest(alice, id)).toMatchObject({ status: 'running', rewrapped: 200 });
    world.keys.state = 'ok';
    expect(await ended(alice, id)).toMatchObject({ status: 'completed', rewrapped: 450 });
  });

  it('leaves a damaged version and its KEK as they are, says so, and takes them along the next time', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    const paths = await fill(alice, id, 4);
    const [old] = await keksOf(id);
    const flip = `UPDATE secret_versions SET wrapped_dek = set_byte(wrapped_dek, 30, get_byte(wrapped_dek, 30) # 1)
      WHERE secret_id = (SELECT id FROM secrets WHERE vault_id = $1 AND path = 's/2')`;
    await world.owner.query(flip, [id]);

    await start(alice, id);
    expect(await ended(alice, id)).toMatchObject({ status: 'failed', totalVersions: 4, rewrapped: 3, damaged: 1 });
    expect(await keksOf(id)).toEqual([
      { id: old!.id, is_current: false, versions: 1 },
      { id: expect.any(String), is_current: true, versions: 3 },
    ]);
    expect(await textsOf(alice, id, paths)).toEqual(['value of s/0', 'value of s/1', 'internal', 'value of s/3']);

    await world.owner.query(flip, [id]);
    expect(await textsOf(alice, id, paths)).toEqual(paths.map((path) => `value of ${path}`));
    await start(alice, id);
    expect(await ended(alice, id)).toMatchObject({ status: 'completed', totalVersions: 4, rewrapped: 4 });
    expect(await keksOf(id)).toHaveLength(1);
  });

  it('ends with its vault', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    await fill(alice, id, 450);
    const { opened, open } = gate();
    world.keys.gates.rewrap = opened;
    const calls = world.keys.calls.rewrap;
    await start(alice, id);
    await eventually(async () => expect(world.keys.calls.rewrap).toBeGreaterThan(calls));
    await world.vaults.deleteVault({ vaultId: id }, alice.call);
    const { rows: keks } = await world.owner.query('SELECT wrapped FROM vault_keks WHERE vault_id = $1', [id]);
    expect(keks).toEqual([{ wrapped: null }, { wrapped: null }]);
    await expect(start(alice, id)).rejects.toMatchObject({ code: 'not_found' });
    open();
    await eventually(async () => {
      const { rows } = await world.owner.query(
        `SELECT id FROM vaults WHERE id = $1 UNION ALL SELECT id FROM vault_keks WHERE vault_id = $1
         UNION ALL SELECT id FROM kek_rotations WHERE vault_id = $1`,
        [id],
      );
      expect(rows).toEqual([]);
    });
  });

  it('of the vault of agent keys goes on while agents get keys', async () => {
    const alice = owner(world.keys);
    const provision = () =>
      world.agentKeys.provisionAgentKeys(
        { orgId: alice.caller.orgId, agentId: randomUUID() },
        { requestId: randomUUID() },
      );
    await provision();
    const { vaults } = await world.vaults.listVaults({}, alice.call);
    const system = vaults.find(({ createdByType }) => createdByType === 'system')!;
    await start(alice, system.id);
    await Promise.all(Array.from({ length: 10 }, provision));
    expect((await ended(alice, system.id)).status).toBe('completed');
    await start(alice, system.id);
    await ended(alice, system.id);
    expect(await keksOf(system.id)).toEqual([expect.objectContaining({ versions: 22 })]);
    await grant(world, world.keys, alice, system.id, alice);
    const { rows } = await world.owner.query<{ path: string }>('SELECT path FROM secrets WHERE vault_id = $1', [
      system.id,
    ]);
    const texts = await textsOf(
      alice,
      system.id,
      rows.map(({ path }) => path),
    );
    expect(texts.every((text) => Buffer.from(text, 'base64').length === 32)).toBe(true);
  });
});

/** Versions of notes are not committed before the lock is given up; what their insertion has locked by then stays locked. */
const HOLD_NOTES = `
  SELECT pg_advisory_lock(4711);
  CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END $$;
  CREATE TRIGGER z_hold AFTER INSERT ON secret_versions FOR EACH ROW WHEN (NEW.type = 'note') EXECUTE FUNCTION hold()`;

/** Until somebody waits for a lock of this type. */
const waitingFor = (lockType: 'advisory' | 'transactionid') =>
  eventually(async () => {
    const { rows } = await world.owner.query('SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = $1', [lockType]);
    expect(rows).not.toEqual([]);
  });
