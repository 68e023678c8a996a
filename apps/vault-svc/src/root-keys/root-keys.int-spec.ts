import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@oneclaw/testing';
import { owner, type Person } from '../testing/people.js';
import { createVault, put, read } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let alice: Person;
let vaultIds: string[];
const call = { requestId: randomUUID() };

beforeEach(async () => {
  world = await startVaultWorld();
  alice = owner(world.keys);
  vaultIds = [];
  for (let index = 0; index < 5; index += 1) vaultIds.push((await createVault(world, alice)).id);
  for (const id of vaultIds) await put(world, alice, id, 'a', `in ${id}`);
});
afterEach(() => world.close());

/** Walks through all KEKs, as `hsm rotate-root-key` does. */
async function rewrapAll(generation: number) {
  const pages = [];
  let after = '';
  do {
    const page = await world.rootKeys.rewrapKeks({ generation, after, limit: 2 }, call);
    pages.push([page.rewrapped, page.damaged]);
    after = page.next;
  } while (after !== '');
  return pages;
}

const older = async (generation: number) => (await world.rootKeys.countOlderKeks({ generation }, call)).count;
const retire = (generation: number) => world.rootKeys.retireOlderRootKeys({ generation }, call);
const generations = async () =>
  (await world.owner.query('SELECT generation FROM root_keys ORDER BY 1')).rows.map(
    (row: { generation: number }) => row.generation,
  );

describe('a new root key', () => {
  it('wraps every KEK of a live vault, page by page, and the old one is retired', async () => {
    await world.vaults.deleteVault({ vaultId: vaultIds.pop()! }, alice.call);
    world.keys.rootGeneration = 2;
    expect(await older(2)).toBe(4);
    await expect(retire(2)).rejects.toMatchObject({ code: 'conflict' });

    const pages = await rewrapAll(2);
    expect(pages.reduce((sum, [rewrapped]) => sum + rewrapped!, 0)).toBe(4);
    expect(await rewrapAll(2)).toEqual(pages.map(() => [0, 0]));
    expect(await older(2)).toBe(0);
    await retire(2);
    await retire(2);
    expect(await generations()).toEqual([2]);
    for (const id of vaultIds) expect(await read(world, alice, id, 'a')).toHaveProperty('text', `in ${id}`);
    await createVault(world, alice);
  });

  it('leaves damaged KEKs as they are, and says how many', async () => {
    world.keys.rootGeneration = 2;
    world.keys.damagedKeks.add((await world.owner.query('SELECT id FROM vault_keks LIMIT 1')).rows[0].id as string);
    const pages = await rewrapAll(2);
    expect(pages.reduce((sum, [rewrapped, damaged]) => sum + 10 * rewrapped! + damaged!, 0)).toBe(41);
    expect(await older(2)).toBe(1);
    await expect(retire(2)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('takes nothing for rewrapped that a replica of crypto-svc has wrapped by the old one', async () => {
    expect((await rewrapAll(2)).every(([rewrapped, damaged]) => rewrapped === 0 && damaged === 0)).toBe(true);
    expect(await older(2)).toBe(5);
  });

  it('once retired takes no KEK that was made before, and the caller tries again with a new one', async () => {
    world.keys.rootGeneration = 2;
    await rewrapAll(2);
    await retire(2);
    world.keys.rootGeneration = 1;
    await expect(createVault(world, alice)).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
    await expect(world.kekRotations.startKekRotation({ vaultId: vaultIds[0]! }, alice.call)).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect((await world.vaults.listVaults({}, alice.call)).vaults).toHaveLength(5);
    world.keys.rootGeneration = 2;
    await createVault(world, alice);
    expect(await generations()).toEqual([2]);
  });

  it('is not retired while a KEK under it is being written', async () => {
    const holder = await world.owner.connect();
    await holder.query(HOLD_KEKS);
    const creating = createVault(world, alice);
    await waitingFor('advisory');
    world.keys.rootGeneration = 2;
    await rewrapAll(2);
    const retiring = retire(2).catch((error: unknown) => error);
    await waitingFor('transactionid');
    await holder.query('SELECT pg_advisory_unlock(4711)');
    holder.release();
    expect(await retiring).toMatchObject({ code: 'conflict' });
    await put(world, alice, (await creating).id, 'a');
    await rewrapAll(2);
    await retire(2);
  });

  it.each([0, 501])('is not asked for %d at once', async (limit) => {
    await expect(world.rootKeys.rewrapKeks({ generation: 2, after: '', limit }, call)).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});

/** New KEKs are not committed before the lock is given up. */
const HOLD_KEKS = `
  SELECT pg_advisory_lock(4711);
  CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END $$;
  CREATE TRIGGER z_hold AFTER INSERT ON vault_keks FOR EACH ROW EXECUTE FUNCTION hold()`;

/** Until somebody waits for a lock of this type. */
const waitingFor = (lockType: 'advisory' | 'transactionid') =>
  eventually(async () => {
    const { rows } = await world.owner.query('SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = $1', [lockType]);
    expect(rows).not.toEqual([]);
  });
