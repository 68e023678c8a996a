import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agent, owner, type Person } from '../testing/people.js';
import { createVault, grant, put, read, readAll } from '../testing/usage.js';
import { startVaultWorld, type Replica, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let replicas: Replica[];
let alice: Person;
let bob: Person;
let vaultId: string;

beforeAll(async () => {
  world = await startVaultWorld();
  replicas = [world, await world.startReplica(), await world.startReplica()];
  alice = owner(world.keys);
  bob = agent(world.keys, alice.caller.orgId);
  vaultId = (await createVault(world, alice)).id;
  await grant(world, world.keys, alice, vaultId, bob);
});
afterAll(() => world.close());

const replica = (index: number) => replicas[index % replicas.length]!;
const succeeded = (answers: object[]) => answers.filter((answer) => 'text' in answer).length;

describe('max_access_count', () => {
  it('admits exactly n of many parallel reads over three replicas, whoever reads', async () => {
    await put(world, alice, vaultId, 'ten', 'x', { maxAccessCount: 10 });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => read(replica(index), index % 2 ? alice : bob, vaultId, 'ten')),
    );
    expect(succeeded(answers)).toBe(10);
    expect(answers.filter(({ error }) => error?.code === 'gone')).toHaveLength(40);
    expect(await read(world, alice, vaultId, 'ten')).toHaveProperty('error.code', 'gone');
  });

  it('is exact for several reads in one batch', async () => {
    await put(world, alice, vaultId, 'three', 'x', { maxAccessCount: 3 });
    const items = Array.from({ length: 5 }, () => ({ who: alice, vaultId, path: 'three' }));
    const answers = await readAll(world, items);
    expect(answers.map((answer) => ('text' in answer ? 'value' : answer.error.code))).toEqual([
      'value',
      'value',
      'value',
      'gone',
      'gone',
    ]);
  });

  it('belongs to a version', async () => {
    await put(world, alice, vaultId, 'versions', 'one', { maxAccessCount: 1 });
    await put(world, alice, vaultId, 'versions', 'two', { maxAccessCount: 1 });
    expect(await read(world, alice, vaultId, 'versions', 1)).toHaveProperty('text', 'one');
    expect(await read(world, alice, vaultId, 'versions')).toHaveProperty('text', 'two');
    expect(await read(world, alice, vaultId, 'versions', 1)).toHaveProperty('error.code', 'gone');
  });

  it('neither loses an access nor deadlocks when batches overlap in opposite order', async () => {
    const paths = ['p1', 'p2', 'p3', 'p4'].map((path) => `overlap/${path}`);
    for (const path of paths) await put(world, alice, vaultId, path, 'x', { maxAccessCount: 25 });
    const batches = Array.from({ length: 40 }, (_, index) => {
      const ordered = index % 2 ? paths : [...paths].reverse();
      return readAll(
        replica(index),
        ordered.map((path) => ({ who: alice, vaultId, path })),
      );
    });
    const answers = (await Promise.all(batches)).flat();
    expect(succeeded(answers)).toBe(100);
    const { rows } = await world.owner.query(`SELECT DISTINCT access_count FROM secret_versions v
      JOIN secrets s ON s.id = v.secret_id WHERE s.path LIKE 'overlap/%'`);
    expect(rows).toEqual([{ access_count: 25 }]);
  });
});
