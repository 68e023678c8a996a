import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsOf } from '../testing/events.js';
import { agent, owner, type Person } from '../testing/people.js';
import { createVault, grant, put, putAll, read, remove } from '../testing/usage.js';
import { startVaultWorld, type Replica, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let replicas: Replica[];
let alice: Person;
let vaultId: string;

beforeAll(async () => {
  world = await startVaultWorld();
  replicas = [world, await world.startReplica(), await world.startReplica()];
  alice = owner(world.keys);
  vaultId = (await createVault(world, alice)).id;
});
afterAll(() => world.close());

const versionsOf = (answers: object[]) => answers.map((answer) => ('version' in answer ? Number(answer.version) : NaN));
const grantTo = (who: Person, permissions: string[], pattern = '**') =>
  grant(world, world.keys, alice, vaultId, who, { permissions, pattern });

describe('writing a secret', () => {
  it('numbers 50 parallel writes to one path over three replicas from 1 to 50, each readable under its number', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => put(replicas[index % 3]!, alice, vaultId, 'race', `value ${index}`)),
    );
    const versions = versionsOf(answers);
    expect([...versions].sort((one, other) => one - other)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    for (const [index, version] of versions.entries()) {
      expect(await read(world, alice, vaultId, 'race', version)).toHaveProperty('text', `value ${index}`);
    }
    const { rows } = await world.owner.query(`SELECT count(*)::int AS count FROM secrets WHERE path = 'race'`);
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('numbers writes to one path within a batch in their order', async () => {
    const batch = ['same', 'other', 'same', 'same'].map((path) => ({ who: alice, vaultId, path, value: `${path}` }));
    expect(versionsOf(await putAll(world, batch))).toEqual([1, 1, 2, 3]);
    expect(versionsOf(await putAll(world, batch))).toEqual([4, 2, 5, 6]);
  });

  it('does not deadlock when batches share paths in opposite order', async () => {
    const paths = Array.from({ length: 8 }, (_, index) => `cross/${index}`);
    const batches = Array.from({ length: 24 }, (_, index) =>
      putAll(
        replicas[index % 3]!,
        (index % 2 ? paths : [...paths].reverse()).map((path) => ({ who: alice, vaultId, path, value: 'x' })),
      ),
    );
    const answers = (await Promise.all(batches)).flat();
    expect(answers.filter(({ error }) => error)).toEqual([]);
    expect(await put(world, alice, vaultId, 'cross/0')).toHaveProperty('version', 25);
  });

  it('keeps the id over versions, deletion and revival', async () => {
    const first = await put(world, alice, vaultId, 'stable');
    await remove(world, alice, vaultId, 'stable');
    const second = await put(world, alice, vaultId, 'stable');
    expect(second).toMatchObject({ id: (first as { id: string }).id, version: 2 });
  });

  it('fails alone in its batch, with the fields that are wrong', async () => {
    const at = (path: string, options: object) => ({ who: alice, vaultId, path, value: 'x', options });
    const answers = await putAll(world, [
      at('fine', {}),
      at('a//b', {}),
      at('x', { type: 'nonsense', metadataJson: '[]', maxAccessCount: 0 }),
      at('x', { value: Buffer.alloc(256 * 1024 + 1, 'x') }),
      at('x', { value: Buffer.from([0xff]) }),
      at('fine', {}),
    ]);
    expect(answers.map(({ error }) => error && [error.code, Object.keys(error.fields)])).toEqual([
      undefined,
      ['invalid_argument', ['path']],
      ['invalid_argument', ['type', 'metadata', 'max_access_count']],
      ['invalid_argument', ['value']],
      ['invalid_argument', ['value']],
      undefined,
    ]);
    expect(versionsOf([answers[0]!, answers[5]!])).toEqual([1, 2]);
  });

  it('needs the permission to write, which includes deleting but not reading', async () => {
    const { orgId } = alice.caller;
    const [reader, writer, remover] = [agent(world.keys, orgId), agent(world.keys, orgId), agent(world.keys, orgId)];
    await Promise.all([grantTo(reader, ['read']), grantTo(writer, ['write']), grantTo(remover, ['delete'])]);

    expect(await put(world, reader, vaultId, 'rights')).toHaveProperty('error.code', 'permission_denied');
    expect(await put(world, remover, vaultId, 'rights')).toHaveProperty('error.code', 'permission_denied');
    expect(await put(world, writer, vaultId, 'rights')).toHaveProperty('version', 1);
    expect(await read(world, writer, vaultId, 'rights')).toHaveProperty('error.code', 'permission_denied');
    await expect(remove(world, reader, vaultId, 'rights')).rejects.toMatchObject({ code: 'permission_denied' });
    await remove(world, writer, vaultId, 'rights');
    await put(world, writer, vaultId, 'rights');
    await remove(world, remover, vaultId, 'rights');
    await expect(remove(world, remover, vaultId, 'rights')).rejects.toMatchObject({ code: 'gone' });
    await expect(remove(world, remover, vaultId, 'never')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('into another org’s vault finds no vault', async () => {
    const mallory = owner(world.keys);
    const answers = await putAll(world, [
      { who: alice, vaultId, path: 'mine', value: 'x' },
      { who: mallory, vaultId, path: 'mine', value: 'x' },
    ]);
    expect(answers.map(({ error }) => error?.code)).toEqual([undefined, 'not_found']);
    await expect(remove(world, mallory, vaultId, 'mine')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is an event of its version; so is a refusal, and a deletion', async () => {
    const zoe = owner(world.keys);
    const bob = agent(world.keys, zoe.caller.orgId);
    const own = await createVault(world, zoe);
    const { id } = (await put(world, zoe, own.id, 'traced')) as { id: string };
    await put(world, bob, own.id, 'traced');
    await remove(world, zoe, own.id, 'traced');
    await expect(remove(world, zoe, own.id, 'traced')).rejects.toThrow();

    const writes = await eventsOf(world.owner, zoe.caller.orgId, 'secret.write');
    const place = { vault_id: own.id, path: 'traced' };
    expect(writes.map(({ actorId, resourceId, details }) => [actorId, resourceId, details])).toEqual([
      [zoe.caller.id, id, { ...place, version: 1 }],
      [bob.caller.id, own.id, { ...place, outcome: 'denied', reason: 'no_policy' }],
    ]);
    const deletions = await eventsOf(world.owner, zoe.caller.orgId, 'secret.delete');
    expect(deletions.map(({ resourceId, details }) => [resourceId, details])).toEqual([
      [id, { ...place, version: 1 }],
      [own.id, { ...place, outcome: 'denied', reason: 'deleted' }],
    ]);
  });
});

describe('writing while something is broken', () => {
  it('with a hung HSM takes no connection from reads and lists, and gives no number away', async () => {
    await put(world, alice, vaultId, 'hung', 'before');
    world.keys.state = 'hung';
    const writing = Array.from({ length: 40 }, (_, index) =>
      put(world, alice, vaultId, index % 2 ? 'hung' : `hung/${index}`),
    );
    for (let round = 0; round < 20; round += 1) {
      const started = Date.now();
      await world.vaults.listVaults({}, alice.call);
      expect(Date.now() - started).toBeLessThan(1000);
    }
    const codes = new Set((await Promise.all(writing)).map(({ error }) => error?.code));
    expect([...codes]).toEqual(['unavailable']);
    world.keys.state = 'ok';
    expect(await put(world, alice, vaultId, 'hung', 'after')).toHaveProperty('version', 2);
  });

  it('under a damaged KEK fails, and other vaults of the batch go on', async () => {
    const [good, bad] = [await createVault(world, alice), await createVault(world, alice)];
    await world.owner.query('UPDATE vault_keks SET wrapped = $2 WHERE vault_id = $1', [bad.id, Buffer.alloc(60)]);
    const batch = [good.id, bad.id, good.id].map((id) => ({ who: alice, vaultId: id, path: 'a', value: 'x' }));
    const answers = await putAll(world, batch);
    expect(answers.map(({ error }) => error?.code)).toEqual([undefined, 'internal', undefined]);
    expect(versionsOf([answers[0]!, answers[2]!])).toEqual([1, 2]);
  });
});
