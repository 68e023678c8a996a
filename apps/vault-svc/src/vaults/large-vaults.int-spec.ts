import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@oneclaw/testing';
import { agent, owner, type Person } from '../testing/people.js';
import { createVault, fill, grant, list, put, read } from '../testing/usage.js';
import { startVaultWorld, type Replica, type VaultWorld } from '../testing/vault-world.js';

const MANY = 100_000;

let world: VaultWorld;
let replicas: Replica[];
let alice: Person;

beforeAll(async () => {
  world = await startVaultWorld();
  replicas = [world, await world.startReplica(), await world.startReplica()];
  alice = owner(world.keys);
});
afterAll(() => world.close());

const rowsIn = async (vaultId: string) => {
  const { rows } = await world.owner.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM secrets WHERE vault_id = $1',
    [vaultId],
  );
  return rows[0]!.count;
};

/** Keeps the sweep away from a vault, as a writer does that found it alive. */
async function holding(vaultId: string, work: () => Promise<void>): Promise<void> {
  const writer = await world.owner.connect();
  try {
    await writer.query('BEGIN');
    await writer.query('SELECT FROM vaults WHERE id = $1 FOR KEY SHARE', [vaultId]);
    await work();
  } finally {
    await writer.query('ROLLBACK');
    writer.release();
  }
}

describe('deleting a large vault', () => {
  it('removes the rows in steps, which another replica takes up where one has ended', async () => {
    const { id } = await createVault(world, alice);
    await fill(world, { vaultId: id, count: 20_000 });
    const lone = await world.startReplica();
    await lone.vaults.deleteVault({ vaultId: id }, alice.call);
    await eventually(async () => expect(await rowsIn(id)).toBeLessThan(20_000));
    await lone.service.close();
    const left = await rowsIn(id);
    expect(left).toBeGreaterThan(0);

    // Any deletion wakes the sweep of the replica that it comes to.
    const other = await createVault(world, alice);
    await world.vaults.deleteVault({ vaultId: other.id }, alice.call);
    await eventually(async () => {
      const { rows } = await world.owner.query(
        'SELECT FROM secrets WHERE vault_id = $1 UNION ALL SELECT FROM vaults WHERE id = $1 UNION ALL SELECT FROM vault_keks WHERE vault_id = $1',
        [id],
      );
      expect(rows).toHaveLength(0);
    }, 30_000);
  });

  it('of 100,000 secrets touches none of them when it is answered, and leaves nothing that opens, on any replica', async () => {
    const { id } = await createVault(world, alice);
    const bob = agent(world.keys, alice.caller.orgId);
    await grant(world, world.keys, alice, id, bob);
    await fill(world, { vaultId: id, count: MANY });
    await put(world, alice, id, 'real', 'the value');
    for (const replica of replicas) expect(await read(replica, bob, id, 'real')).toHaveProperty('text', 'the value');

    await holding(id, async () => {
      await replicas[1]!.vaults.deleteVault({ vaultId: id }, alice.call);

      expect(await rowsIn(id)).toBe(MANY + 1);
      for (const replica of replicas) {
        for (const who of [alice, bob])
          expect(await read(replica, who, id, 'real')).toHaveProperty('error.code', 'not_found');
        expect(await put(replica, alice, id, 'real')).toHaveProperty('error.code', 'not_found');
        await expect(list(replica, alice, id)).rejects.toMatchObject({ code: 'not_found' });
        await expect(replica.writes.restoreSecret({ vaultId: id, path: 'real' }, alice.call)).rejects.toMatchObject({
          code: 'not_found',
        });
      }
      // Not even where somebody with the database brings the vault back to life.
      await world.owner.query('UPDATE vaults SET deleted_at = NULL WHERE id = $1', [id]);
      for (const replica of replicas)
        expect(await read(replica, alice, id, 'real')).toHaveProperty('error.code', 'internal');
      const { rows } = await world.owner.query('SELECT FROM vault_keks WHERE vault_id = $1 AND wrapped IS NOT NULL', [
        id,
      ]);
      expect(rows).toEqual([]);
      await world.owner.query('UPDATE vaults SET deleted_at = now() WHERE id = $1', [id]);
    });
  });
});
