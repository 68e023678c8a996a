import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@oneclaw/testing';
import { eventsOf } from '../testing/events.js';
import { owner, type Person } from '../testing/people.js';
import { createVault, put, putAll, read, readAll, remove } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let alice: Person;
let vaultId: string;
let otherVaultId: string;

beforeAll(async () => {
  world = await startVaultWorld();
  // Somebody who edits the files of the database is held back by neither.
  await world.owner.query('ALTER TABLE secret_versions DROP CONSTRAINT secret_versions_secret_id_fkey');
  await world.owner.query('ALTER TABLE secret_versions DROP CONSTRAINT secret_versions_kek_fkey');
});
afterAll(() => world.close());
beforeEach(async () => {
  alice = owner(world.keys);
  vaultId = (await createVault(world, alice)).id;
  otherVaultId = (await createVault(world, alice)).id;
  for (const path of ['a', 'b'])
    for (const value of ['one', 'two']) await put(world, alice, vaultId, path, `${path} ${value}`);
  await put(world, alice, otherVaultId, 'a', 'elsewhere');
});

const query = (text: string, ...values: unknown[]) => world.owner.query<Record<string, string>>(text, values);
const secretAt = async (path: string, vault = vaultId) =>
  (await query('SELECT id FROM secrets WHERE vault_id = $1 AND path = $2', vault, path)).rows[0]?.['id'] as string;
const latest = async (path: string, vault = vaultId, who = alice) => {
  const answer = await read(world, who, vault, path);
  return answer.error ? answer.error.code : answer.text;
};
const alarms = async () => {
  const response = await fetch(`http://127.0.0.1:${world.service.adminPort}/metrics`);
  return Number(/^vault_envelope_damaged_total\{[^}]*\} (\d+)$/m.exec(await response.text())?.[1] ?? 0);
};
const failures = async () =>
  (await eventsOf(world.owner, alice.caller.orgId, 'secret.read')).filter(
    ({ details }) => details['outcome'] === 'failed',
  ).length;

/** All of them fail in one batch, each with an alarm and an event; what was left alone reads. */
async function expectDamaged(...items: { path: string; vaultId?: string; version?: number }[]) {
  const [alarmsBefore, failuresBefore] = [await alarms(), await failures()];
  const wanted = [...items.map((item) => ({ vaultId, ...item })), { path: 'a', vaultId: otherVaultId }];
  const answers = await readAll(
    world,
    wanted.map((item) => ({ who: alice, ...item })),
  );
  const seen = answers.map((answer) => (answer.error ? answer.error.code : answer.text));
  expect(seen).toEqual([...items.map(() => 'internal'), 'elsewhere']);
  expect([(await alarms()) - alarmsBefore, (await failures()) - failuresBefore]).toEqual([items.length, items.length]);
}

/** Bytes of a version's column from those of another one's: `from` is counted from 1. */
const graft = (column: string, from: string, length: string) => `
  UPDATE secret_versions v SET ${column} = overlay(v.${column} PLACING substr(other.${column}, ${from}, ${length}) FROM ${from})
  FROM secret_versions other WHERE v.secret_id = $1 AND other.secret_id = $2 AND v.version = 2 AND other.version = 2`;

describe('rows that were exchanged', () => {
  it.each([
    ['the IV', 'sealed_value', '1', '12'],
    ['the ciphertext', 'sealed_value', '13', 'length(v.sealed_value) - 28'],
    ['the tag', 'sealed_value', 'length(v.sealed_value) - 15', '16'],
    ['the value', 'sealed_value', '1', 'length(v.sealed_value)'],
    ['the wrapped DEK', 'wrapped_dek', '1', 'length(v.wrapped_dek)'],
    ['the IV of the wrapped DEK', 'wrapped_dek', '1', '12'],
  ])('do not open with %s of another secret', async (_part, column, from, length) => {
    await query(graft(column, from, length), await secretAt('a'), await secretAt('b'));
    await expectDamaged({ path: 'a' });
    expect(await latest('b')).toBe('b two');
  });

  it('do not open with value and wrapped DEK of another secret, version, or vault', async () => {
    const take = (whose: string) => `
      UPDATE secret_versions v SET (kek_id, wrapped_dek, sealed_value) =
        (SELECT kek_id, wrapped_dek, sealed_value FROM secret_versions WHERE ${whose})
      WHERE v.secret_id = $1 AND v.version = 2`;
    const id = await secretAt('a');
    await query(take('secret_id = $2 AND version = 2'), id, await secretAt('b'));
    await expectDamaged({ path: 'a' });
    await query(take('secret_id = $1 AND version = 1'), id);
    await expectDamaged({ path: 'a' });
    await query(take('secret_id = $2'), id, await secretAt('a', otherVaultId));
    await expectDamaged({ path: 'a' });
  });

  it('do not open at each other’s paths', async () => {
    const [a, b] = [await secretAt('a'), await secretAt('b')];
    await query(`UPDATE secrets SET path = 'moving' WHERE id = $1`, a);
    await query(`UPDATE secrets SET path = 'a' WHERE id = $1`, b);
    await query(`UPDATE secrets SET path = 'b' WHERE id = $1`, a);
    await expectDamaged({ path: 'a' }, { path: 'b' }, { path: 'a', version: 1 });
  });

  it('do not open under each other’s ids, as which shares and the trail know them', async () => {
    const [a, b] = [await secretAt('a'), await secretAt('b')];
    await query('UPDATE secret_versions SET version = version + 100 WHERE secret_id = $1', a);
    await query('UPDATE secret_versions SET secret_id = $1 WHERE secret_id = $2', a, b);
    await query(
      'UPDATE secret_versions SET secret_id = $2, version = version - 100 WHERE secret_id = $1 AND version > 100',
      a,
      b,
    );
    await query(`UPDATE secrets SET path = CASE id WHEN $1 THEN 'b ' ELSE 'a ' END WHERE id IN ($1, $2)`, a, b);
    await query('UPDATE secrets SET path = trim(path) WHERE id IN ($1, $2)', a, b);
    await expectDamaged({ path: 'a' }, { path: 'b' });
  });

  it('do not open under each other’s version numbers', async () => {
    const id = await secretAt('a');
    await query('UPDATE secret_versions SET version = 4 - version WHERE secret_id = $1 AND version = 1', id);
    await query('UPDATE secret_versions SET version = 1 WHERE secret_id = $1 AND version = 2', id);
    await query('UPDATE secret_versions SET version = 2 WHERE secret_id = $1 AND version = 3', id);
    await expectDamaged({ path: 'a' }, { path: 'a', version: 1 });
    expect(await latest('b')).toBe('b two');
  });

  it('do not open in another vault, with their own KEK or with that vault’s', async () => {
    await query(`UPDATE secrets SET vault_id = $1 WHERE vault_id = $2 AND path = 'b'`, otherVaultId, vaultId);
    expect(await latest('b')).toBe('not_found');
    await expectDamaged({ path: 'b', vaultId: otherVaultId });
    await query('UPDATE vault_keks SET vault_id = $1, is_current = false WHERE vault_id = $2', otherVaultId, vaultId);
    await expectDamaged({ path: 'b', vaultId: otherVaultId }, { path: 'a' });
  });

  it('do not open to another org whose vault theirs was made', async () => {
    const mallory = owner(world.keys);
    await query(
      'UPDATE vaults SET org_id = $1, created_by = $2 WHERE id = $3',
      mallory.caller.orgId,
      mallory.caller.id,
      vaultId,
    );
    const before = await alarms();
    expect([await latest('a', vaultId, mallory), await latest('a')]).toEqual(['internal', 'not_found']);
    expect((await alarms()) - before).toBe(1);
  });
});

describe('rows that were put back to an earlier state', () => {
  it('do not open where a newer version is there, or the current one is not', async () => {
    const id = await secretAt('a');
    await query('UPDATE secrets SET current_version = 1 WHERE id = $1', id);
    await expectDamaged({ path: 'a' }, { path: 'a', version: 2 });
    await query('UPDATE secrets SET current_version = 3 WHERE id = $1', id);
    await expectDamaged({ path: 'a' }, { path: 'a', version: 3 });
    await query('UPDATE secrets SET current_version = 2 WHERE id = $1', id);
    expect(await latest('a')).toBe('a two');
    await query('DELETE FROM secret_versions WHERE secret_id = $1 AND version = 1', id);
    await expectDamaged({ path: 'a', version: 1 });
    await query('DELETE FROM secret_versions WHERE secret_id = $1', id);
    await expectDamaged({ path: 'a' });
  });

  it('are not written to either, and the other writes of the batch go on, once each', async () => {
    await query('UPDATE secrets SET current_version = 1 WHERE id = $1', await secretAt('a'));
    await query('ALTER TABLE secrets DROP CONSTRAINT IF EXISTS secrets_deleted_versions_exist');
    await query('UPDATE secrets SET current_version = 2147483647 WHERE id = $1', await secretAt('b'));
    const before = await alarms();
    const wanted = ['c', 'a', 'd', 'b', 'c', 'a'].map((path) => ({ who: alice, vaultId, path, value: `new ${path}` }));
    const answers = await putAll(world, wanted);
    expect(answers.map((answer) => (answer.error ? answer.error.code : answer.version))).toEqual([
      1,
      'internal',
      1,
      'internal',
      2,
      'internal',
    ]);
    expect((await alarms()) - before).toBe(3);
    expect([await latest('c'), await latest('d'), await latest('a')]).toEqual(['new c', 'new d', 'internal']);
  });

  it('are known as not modified to nobody', async () => {
    await query('UPDATE secrets SET current_version = 1 WHERE id = $1', await secretAt('a'));
    const preconditions = { ifNoneMatch: { any: false, versions: [1, 2] } };
    const item = { callerIndex: 0, vaultId, path: 'a', version: 0, preconditions };
    const { results } = await world.reads.readSecrets({ callers: [alice.item], items: [item] }, { requestId: 'x' });
    expect(results[0]?.outcome?.$case).toBe('error');
  });

  it('do not open once the KEK was replaced: neither an old version nor an old KEK', async () => {
    const id = await secretAt('a');
    const version = (
      await query('SELECT kek_id, wrapped_dek FROM secret_versions WHERE secret_id = $1 AND version = 2', id)
    ).rows[0]!;
    const kek = (await query('SELECT id, wrapped FROM vault_keks WHERE vault_id = $1', vaultId)).rows[0]!;
    await world.kekRotations.startKekRotation({ vaultId }, alice.call);
    await eventually(async () => {
      const { rotation } = await world.kekRotations.getKekRotation({ vaultId }, alice.call);
      if (rotation?.status === 'running') throw new Error('running');
    });
    expect(await latest('b')).toBe('b two');

    const putBack = 'UPDATE secret_versions SET kek_id = $2, wrapped_dek = $3 WHERE secret_id = $1 AND version = 2';
    await query(putBack, id, version['kek_id'], version['wrapped_dek']);
    await expectDamaged({ path: 'a' });
    await query('UPDATE vault_keks SET wrapped = $2 WHERE vault_id = $1', vaultId, kek['wrapped']);
    await expectDamaged({ path: 'b' });
  });

  // What follows holds because it cannot be otherwise: a database that is whole, and older, is a database (docs/tampering.md).
  it('altogether read as they did then, and the trail tells of what is missing', async () => {
    const id = await secretAt('a');
    await query('DELETE FROM secret_versions WHERE secret_id = $1 AND version = 2', id);
    await query('UPDATE secrets SET current_version = 1 WHERE id = $1', id);
    expect(await latest('a')).toBe('a one');
    const written = (await eventsOf(world.owner, alice.caller.orgId, 'secret.write')).filter(
      ({ resourceId }) => resourceId === id,
    );
    expect(written.map(({ details }) => details['version'])).toEqual([1, 2]);
  });

  it('after a deletion read again, and the trail tells of the deletion', async () => {
    await remove(world, alice, vaultId, 'a');
    expect(await latest('a')).toBe('gone');
    await query('UPDATE secrets SET deleted_at = NULL, deleted_through = 0 WHERE id = $1', await secretAt('a'));
    expect(await latest('a')).toBe('a two');
    expect(await eventsOf(world.owner, alice.caller.orgId, 'secret.delete')).toHaveLength(1);
  });

  it('with counts of accesses allow more of them, and the trail has each', async () => {
    await put(world, alice, vaultId, 'once', 'x', { maxAccessCount: 1 });
    expect([await latest('once'), await latest('once')]).toEqual(['x', 'gone']);
    await query('UPDATE secret_versions SET access_count = 0 WHERE secret_id = $1', await secretAt('once'));
    expect(await latest('once')).toBe('x');
    const events = await eventsOf(world.owner, alice.caller.orgId, 'secret.read');
    const answered = events.filter(({ details }) => details['path'] === 'once' && details['outcome'] === undefined);
    expect(answered).toHaveLength(2);
  });
});
