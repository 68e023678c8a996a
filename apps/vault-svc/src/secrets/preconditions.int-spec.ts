import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Preconditions, VersionSet } from '@oneclaw/contracts/vault';
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

const ANY: VersionSet = { any: true, versions: [] };
const these = (...versions: number[]): VersionSet => ({ any: false, versions });
const ifMatch = (set: VersionSet): { preconditions: Preconditions } => ({
  preconditions: { ifMatch: set, ifNoneMatch: undefined },
});
const ifNoneMatch = (set: VersionSet): { preconditions: Preconditions } => ({
  preconditions: { ifMatch: undefined, ifNoneMatch: set },
});

const replica = (index: number) => replicas[index % replicas.length]!;
const outcomes = (answers: object[]) =>
  answers.map((answer) => ('error' in answer && answer.error ? (answer.error as { code: string }).code : 'done'));
const count = (answers: object[], outcome: string) => outcomes(answers).filter((each) => each === outcome).length;
const fifty = <T>(make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 50 }, (_, index) => make(index)));
const rowOf = async (path: string) => {
  const { rows } = await world.owner.query('SELECT * FROM secrets WHERE vault_id = $1 AND path = $2', [vaultId, path]);
  return rows[0] as object | undefined;
};
/** A conditional read: its outcome as it crosses the wire. */
async function readIf(who: Person, path: string, { preconditions }: { preconditions: Preconditions }, version = 0) {
  const items = [{ callerIndex: 0, vaultId, path, version, preconditions }];
  const { results } = await world.reads.readSecrets({ callers: [who.item], items }, { requestId: 'r' });
  const { outcome } = results[0]!;
  return outcome?.$case === 'error' ? outcome.value.code : outcome?.$case;
}

describe('a write on condition', () => {
  it('of a version is won by exactly one of 50 at once over three replicas', async () => {
    await put(world, alice, vaultId, 'race/version');
    const answers = await fifty((index) =>
      put(replica(index), alice, vaultId, 'race/version', `value ${index}`, ifMatch(these(1))),
    );
    expect([count(answers, 'done'), count(answers, 'precondition_failed')]).toEqual([1, 49]);
    const winner = outcomes(answers).indexOf('done');
    expect(answers[winner]).toHaveProperty('version', 2);
    expect(await read(world, alice, vaultId, 'race/version')).toMatchObject({ version: 2, text: `value ${winner}` });
  });

  it('that there is nothing is won by exactly one of 50 at once, on new paths and on deleted ones', async () => {
    await put(world, alice, vaultId, 'race/deleted');
    await remove(world, alice, vaultId, 'race/deleted');
    for (const [path, version] of [
      ['race/new', 1],
      ['race/deleted', 2],
    ] as const) {
      const answers = await fifty((index) => put(replica(index), alice, vaultId, path, 'x', ifNoneMatch(ANY)));
      expect([count(answers, 'done'), count(answers, 'precondition_failed')]).toEqual([1, 49]);
      expect(answers[outcomes(answers).indexOf('done')]).toHaveProperty('version', version);
      expect(await read(world, alice, vaultId, path)).toHaveProperty('version', version);
    }
  });

  it('makes a counter of many writers lose nothing', async () => {
    await put(world, alice, vaultId, 'counter', '0');
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        for (;;) {
          const found = await read(replica(index), alice, vaultId, 'counter');
          if (!('text' in found)) throw new Error(found.error.code);
          const condition = ifMatch(these(found.version));
          const next = await put(replica(index + 1), alice, vaultId, 'counter', `${Number(found.text) + 1}`, condition);
          if (!next.error) return;
        }
      }),
    );
    expect(await read(world, alice, vaultId, 'counter')).toMatchObject({ text: '12', version: 13 });
  });

  it('sees what the writes before it in its batch left, and disturbs none of them', async () => {
    const at = (path: string, options = {}) => ({ who: alice, vaultId, path, value: 'x', options });
    const answers = await putAll(world, [
      at('batch/a', ifMatch(these(1))),
      at('batch/a', ifNoneMatch(ANY)),
      at('batch/a', ifNoneMatch(ANY)),
      at('batch/b'),
      at('batch/a'),
      at('batch/a'),
      at('batch/a', ifMatch(these(3))),
      at('batch/a', ifMatch(these(3))),
      at('batch/b', ifMatch(ANY)),
      at('batch/c', ifMatch(ANY)),
    ]);
    expect(answers.map((answer) => (answer.error ? answer.error.code : answer.version))).toEqual([
      'precondition_failed',
      1,
      'precondition_failed',
      1,
      2,
      3,
      4,
      'precondition_failed',
      2,
      'precondition_failed',
    ]);
    expect(await rowOf('batch/c')).toBeUndefined();
  });

  it.each([
    ['nothing there', 'never', false, ifMatch(ANY)],
    ['nothing there', 'never', false, ifMatch(these(0, 1))],
    ['nothing there', 'never', true, ifNoneMatch(these(1))],
    ['version 2', 'live', true, ifMatch(ANY)],
    ['version 2', 'live', true, ifMatch(these(7, 2))],
    ['version 2', 'live', false, ifMatch(these(1, 3))],
    ['version 2', 'live', false, ifMatch(these())],
    ['version 2', 'live', false, ifMatch(these(4294967295))],
    ['version 2', 'live', true, ifNoneMatch(these(1, 3))],
    ['version 2', 'live', false, ifNoneMatch(these(1, 2))],
    ['version 2', 'live', false, ifNoneMatch(ANY)],
    ['a deleted version 2', 'deleted', false, ifMatch(ANY)],
    ['a deleted version 2', 'deleted', false, ifMatch(these(2))],
    ['a deleted version 2', 'deleted', true, ifNoneMatch(these(2))],
    ['an expired version 2', 'expired', true, ifMatch(these(2))],
    ['an expired version 2', 'expired', false, ifNoneMatch(ANY)],
  ])('with %s (%s) is done: %s, under %j', async (_what, state, done, condition) => {
    const path = `table/${state}/${Math.random().toString(36).slice(2)}`;
    if (state !== 'never') {
      await put(world, alice, vaultId, path, 'one');
      await put(world, alice, vaultId, path, 'two', state === 'expired' ? { expiresAt: new Date(1) } : {});
    }
    if (state === 'deleted') await remove(world, alice, vaultId, path);
    const before = await rowOf(path);
    const answer = await put(world, alice, vaultId, path, 'new', condition);
    expect(outcomes([answer])).toEqual([done ? 'done' : 'precondition_failed']);
    if (done) expect(answer).toHaveProperty('version', state === 'never' ? 1 : 3);
    else expect(await rowOf(path)).toEqual(before);
  });

  it('needs both conditions where there are two', async () => {
    await put(world, alice, vaultId, 'both');
    const both = (one: number, other: number) => ({
      preconditions: { ifMatch: these(one), ifNoneMatch: these(other) },
    });
    expect(outcomes([await put(world, alice, vaultId, 'both', 'x', both(1, 1))])).toEqual(['precondition_failed']);
    expect(outcomes([await put(world, alice, vaultId, 'both', 'x', both(2, 3))])).toEqual(['precondition_failed']);
    expect(await put(world, alice, vaultId, 'both', 'x', both(1, 2))).toHaveProperty('version', 2);
  });

  it('tells those who may not write nothing of the version, and is in the trail when it fails', async () => {
    const zoe = owner(world.keys);
    const bob = agent(world.keys, zoe.caller.orgId);
    const own = await createVault(world, zoe);
    await put(world, zoe, own.id, 'a');
    for (const version of [1, 9])
      expect(await put(world, bob, own.id, 'a', 'x', ifMatch(these(version)))).toHaveProperty(
        'error.code',
        'permission_denied',
      );
    await put(world, zoe, own.id, 'a', 'x', ifMatch(these(9)));
    const events = await eventsOf(world.owner, zoe.caller.orgId, 'secret.write');
    expect(events.map(({ details }) => details['reason'])).toEqual([
      undefined,
      'no_policy',
      'no_policy',
      'precondition_failed',
    ]);
  });
});

describe('a deletion on condition', () => {
  const removeIf = async (path: string, { preconditions }: { preconditions: Preconditions }, index = 0) =>
    replica(index)
      .writes.deleteSecret({ vaultId, path, preconditions }, alice.call)
      .then(
        () => ({ done: true }),
        (error: { code: string }) => ({ error }),
      );

  it('deletes the version it knows and no other', async () => {
    await put(world, alice, vaultId, 'del');
    await put(world, alice, vaultId, 'del');
    expect(outcomes([await removeIf('del', ifMatch(these(1)))])).toEqual(['precondition_failed']);
    expect(outcomes([await removeIf('del', ifNoneMatch(ANY))])).toEqual(['precondition_failed']);
    expect(await read(world, alice, vaultId, 'del')).toHaveProperty('version', 2);
    expect(outcomes([await removeIf('del', ifMatch(these(2)))])).toEqual(['done']);
  });

  it('says first that there is nothing, whatever the condition', async () => {
    expect(outcomes([await removeIf('del/never', ifMatch(ANY))])).toEqual(['not_found']);
    expect(outcomes([await removeIf('del', ifMatch(these(2)))])).toEqual(['gone']);
  });

  it('and writes on the same condition have one winner among them', async () => {
    await put(world, alice, vaultId, 'del/race');
    const answers = await fifty<object>((index) =>
      index % 2
        ? removeIf('del/race', ifMatch(these(1)), index)
        : put(replica(index), alice, vaultId, 'del/race', 'x', ifMatch(these(1))),
    );
    expect(count(answers, 'done')).toBe(1);
    expect(count(answers, 'done') + count(answers, 'precondition_failed') + count(answers, 'gone')).toBe(50);
  });
});

describe('a read on condition', () => {
  it('of another version than the one there opens nothing and counts no access, and is in the trail', async () => {
    const zoe = owner(world.keys);
    const own = await createVault(world, zoe);
    await put(world, zoe, own.id, 'a', 'x', { maxAccessCount: 1 });
    const items = [{ callerIndex: 0, vaultId: own.id, path: 'a', version: 0, ...ifNoneMatch(these(1)) }];
    const opened = world.keys.calls.open;
    for (let round = 0; round < 3; round += 1) {
      const { results } = await world.reads.readSecrets({ callers: [zoe.item], items }, { requestId: 'r' });
      expect(results).toEqual([{ outcome: { $case: 'notModified', value: 1 } }]);
    }
    expect(world.keys.calls.open).toBe(opened);
    expect(await read(world, zoe, own.id, 'a')).toHaveProperty('text', 'x');
    const events = await eventsOf(world.owner, zoe.caller.orgId, 'secret.read');
    expect(events.map(({ details }) => [details['version'], details['outcome']])).toEqual([
      [1, 'not_modified'],
      [1, 'not_modified'],
      [1, 'not_modified'],
      [1, undefined],
    ]);
  });

  it('answers what it would without one where that is no value', async () => {
    const bob = agent(world.keys, alice.caller.orgId);
    const signer = agent(world.keys, alice.caller.orgId, { intentsEnabled: true });
    await grant(world, world.keys, alice, vaultId, signer, { pattern: 'cond/*' });
    await put(world, alice, vaultId, 'cond/used', 'x', { maxAccessCount: 1 });
    await read(world, alice, vaultId, 'cond/used');
    await put(world, alice, vaultId, 'cond/expired', 'x', { expiresAt: new Date(1) });
    await put(world, alice, vaultId, 'cond/key', 'x', { type: 'private_key' });
    await put(world, alice, vaultId, 'cond/deleted');
    await remove(world, alice, vaultId, 'cond/deleted');
    for (const condition of [ifNoneMatch(ANY), ifNoneMatch(these(1)), ifMatch(these(7))]) {
      expect(await readIf(bob, 'cond/key', condition)).toBe('permission_denied');
      expect(await readIf(bob, 'cond/never', condition)).toBe('permission_denied');
      expect(await readIf(signer, 'cond/key', condition)).toBe('permission_denied');
      expect(await readIf(alice, 'cond/never', condition)).toBe('not_found');
      expect(await readIf(alice, 'cond/key', condition, 5)).toBe('not_found');
      for (const path of ['used', 'expired', 'deleted'])
        expect([path, await readIf(alice, `cond/${path}`, condition)]).toEqual([path, 'gone']);
    }
  });

  it('is about the version that is read', async () => {
    await put(world, alice, vaultId, 'cond/two', 'one', { maxAccessCount: 1 });
    await put(world, alice, vaultId, 'cond/two', 'two');
    expect(await readIf(alice, 'cond/two', ifNoneMatch(these(2)))).toBe('notModified');
    expect(await readIf(alice, 'cond/two', ifNoneMatch(these(1)))).toBe('secret');
    expect(await readIf(alice, 'cond/two', ifNoneMatch(these(1)), 1)).toBe('notModified');
    expect(await readIf(alice, 'cond/two', ifMatch(these(2)), 1)).toBe('precondition_failed');
    expect(await readIf(alice, 'cond/two', ifMatch(these(1)), 1)).toBe('secret');
    expect(await readIf(alice, 'cond/two', ifMatch(these(1)), 1)).toBe('gone');
  });
});
