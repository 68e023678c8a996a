import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsOf } from '../testing/events.js';
import { agent, member, owner, person, type Person } from '../testing/people.js';
import { createVault, grant, put, read, readAll, remove } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let alice: Person;
let vaultId: string;

beforeAll(async () => {
  world = await startVaultWorld();
  alice = owner(world.keys);
  vaultId = (await createVault(world, alice)).id;
});
afterAll(() => world.close());

const code = (error: string) => ({ error: expect.objectContaining({ code: error }) });
const grantTo = (who: Person, pattern: string, permissions = ['read']) =>
  grant(world, world.keys, alice, vaultId, who, { pattern, permissions });

describe('reading a secret', () => {
  it('answers the latest version, or the one asked for', async () => {
    const first = await put(world, alice, vaultId, 'db/password', 'one', { type: 'password', metadataJson: '{"a":1}' });
    await put(world, alice, vaultId, 'db/password', 'two');

    const id = (first as { id: string }).id;
    expect(await read(world, alice, vaultId, 'db/password')).toMatchObject({
      id,
      version: 2,
      text: 'two',
      type: 'generic',
    });
    expect(await read(world, alice, vaultId, 'db/password', 1)).toMatchObject({
      id,
      version: 1,
      text: 'one',
      type: 'password',
      metadataJson: '{"a":1}',
      createdBy: `user:${alice.caller.id}`,
    });
  });

  it.each(['', 'nul \0 inside', '🔑 ünïcödé', 'x'.repeat(256 * 1024)])('gives %# back byte for byte', async (value) => {
    const path = `bytes/${randomUUID()}`;
    await put(world, alice, vaultId, path, value);
    expect((await read(world, alice, vaultId, path)) as object).toHaveProperty('text', value);
  });

  it('answers each item of a batch for its own caller, in order', async () => {
    const bob = agent(world.keys, alice.caller.orgId);
    await grantTo(bob, 'batch/a');
    await put(world, alice, vaultId, 'batch/a', 'A');
    await put(world, alice, vaultId, 'batch/b', 'B');
    const stranger = { ...bob, item: { ...bob.item, assertion: 'forged' } };

    const answers = await readAll(world, [
      { who: alice, vaultId, path: 'batch/b' },
      { who: bob, vaultId, path: 'batch/b' },
      { who: bob, vaultId, path: 'batch/a' },
      { who: stranger, vaultId, path: 'batch/a' },
      { who: alice, vaultId, path: 'batch/../b' },
      { who: alice, vaultId: 'no-uuid', path: 'batch/b' },
      { who: alice, vaultId, path: 'batch/a' },
    ]);

    expect(answers).toEqual([
      expect.objectContaining({ text: 'B' }),
      code('permission_denied'),
      expect.objectContaining({ text: 'A' }),
      code('unauthenticated'),
      code('invalid_argument'),
      code('invalid_argument'),
      expect.objectContaining({ text: 'A' }),
    ]);
  });

  it('does not find the vault of another org', async () => {
    const mallory = owner(world.keys);
    await put(world, alice, vaultId, 'ours', 'ours');
    expect(await read(world, mallory, vaultId, 'ours')).toEqual(code('not_found'));
    expect(await read(world, mallory, randomUUID(), 'ours')).toEqual(code('not_found'));
  });

  it('is refused alike for existing and missing paths, to the caller and in the trail', async () => {
    const bob = agent(world.keys, alice.caller.orgId);
    await put(world, alice, vaultId, 'hidden/there', 'x');

    const there = await read(world, bob, vaultId, 'hidden/there');
    const missing = await read(world, bob, vaultId, 'hidden/missing');

    expect(there).toEqual(code('permission_denied'));
    expect(missing).toEqual(there);
    const events = await eventsOf(world.owner, alice.caller.orgId, 'secret.read');
    const theirs = events.filter((event) => event.actorId === bob.caller.id);
    expect(
      theirs.map(({ resourceType, resourceId, details: { path, ...details } }) => [
        resourceType,
        resourceId,
        path,
        details,
      ]),
    ).toEqual(
      ['hidden/there', 'hidden/missing'].map((path) => [
        'vault',
        vaultId,
        path,
        { vault_id: vaultId, outcome: 'denied', reason: 'no_policy' },
      ]),
    );
  });

  it('tells never existed from deleted, expired and used up', async () => {
    await put(world, alice, vaultId, 'gone/deleted', 'x');
    await remove(world, alice, vaultId, 'gone/deleted');
    await put(world, alice, vaultId, 'gone/expired', 'x', { expiresAt: new Date(Date.now() - 1000) });
    await put(world, alice, vaultId, 'gone/used', 'x', { maxAccessCount: 1 });
    expect(await read(world, alice, vaultId, 'gone/used')).toMatchObject({ text: 'x' });

    expect(await read(world, alice, vaultId, 'gone/never')).toEqual(code('not_found'));
    expect(await read(world, alice, vaultId, 'gone/deleted')).toEqual(code('gone'));
    expect(await read(world, alice, vaultId, 'gone/expired')).toEqual(code('gone'));
    expect(await read(world, alice, vaultId, 'gone/used')).toEqual(code('gone'));
    expect(await read(world, alice, vaultId, 'gone/used', 7)).toEqual(code('not_found'));
    expect(await read(world, alice, vaultId, 'gone/used', 4294967295)).toEqual(code('not_found'));
  });

  it('does not bring deleted versions back when the path is revived', async () => {
    await put(world, alice, vaultId, 'phoenix', 'old');
    await remove(world, alice, vaultId, 'phoenix');
    expect(await put(world, alice, vaultId, 'phoenix', 'new')).toMatchObject({ version: 2 });
    expect(await read(world, alice, vaultId, 'phoenix')).toMatchObject({ text: 'new', version: 2 });
    expect(await read(world, alice, vaultId, 'phoenix', 1)).toEqual(code('gone'));
  });

  it('keeps signing keys from agents that use the Intents API, in every version', async () => {
    const { orgId } = alice.caller;
    const signer = agent(world.keys, orgId, { intentsEnabled: true });
    const reader = agent(world.keys, orgId);
    await Promise.all([grantTo(signer, 'keys/**'), grantTo(reader, 'keys/**')]);
    await put(world, alice, vaultId, 'keys/eth', 'secret', { type: 'private_key' });
    await put(world, alice, vaultId, 'keys/eth', 'plain', { type: 'generic' });
    await put(world, alice, vaultId, 'keys/ssh', 'secret', { type: 'ssh_key' });

    expect(await read(world, signer, vaultId, 'keys/eth')).toMatchObject({ text: 'plain' });
    expect(await read(world, signer, vaultId, 'keys/eth', 1)).toEqual(code('permission_denied'));
    expect(await read(world, signer, vaultId, 'keys/ssh')).toEqual(code('permission_denied'));
    expect(await read(world, reader, vaultId, 'keys/ssh')).toMatchObject({ text: 'secret' });
  });

  it('is an event with the secret, its place and version, and who and whence', async () => {
    const bob = agent(world.keys, alice.caller.orgId);
    await grantTo(bob, 'trail/*');
    const { id } = (await put(world, alice, vaultId, 'trail/one', 'x')) as { id: string };
    await read(world, bob, vaultId, 'trail/one');

    const events = await eventsOf(world.owner, alice.caller.orgId, 'secret.read');
    const event = events.find((each) => each.actorId === bob.caller.id);
    expect(event).toMatchObject({
      actorType: 'agent',
      resourceType: 'secret',
      resourceId: id,
      details: { vault_id: vaultId, path: 'trail/one', version: 1 },
      ipAddress: bob.item.ipAddress,
      requestId: bob.item.requestId,
    });
    expect(event?.details).not.toHaveProperty('outcome');
  });

  it('is not by right of role: an owner needs a policy in a member’s vault', async () => {
    const bob = member(world.keys, alice.caller.orgId);
    const theirs = await createVault(world, bob);
    await put(world, bob, theirs.id, 'private', 'x');
    expect(await read(world, alice, theirs.id, 'private')).toEqual(code('permission_denied'));
    await grant(world, world.keys, alice, theirs.id, alice);
    expect(await read(world, alice, theirs.id, 'private')).toMatchObject({ text: 'x' });
  });

  it('is bounded by the scopes of the key that the creator uses', async () => {
    await put(world, alice, vaultId, 'scoped/in', 'x');
    const { id, orgId, role } = alice.caller;
    const scoped = person(world.keys, { id, orgId, role: role!, sessionKind: 'api_key', pathScopes: ['scoped/*'] });
    expect(await read(world, scoped, vaultId, 'scoped/in')).toMatchObject({ text: 'x' });
    expect(await read(world, scoped, vaultId, 'other')).toEqual(code('permission_denied'));
  });
});

describe('a batch of large values', () => {
  const path = (index: number) => `large/${index}`;
  const COUNT = 40;

  beforeAll(async () => {
    for (let index = 0; index < COUNT; index += 1)
      await put(world, alice, vaultId, path(index), String.fromCharCode(97 + (index % 26)).repeat(256 * 1024), {
        maxAccessCount: 1,
      });
  });

  it('is answered in parts of bounded size: what is deferred is neither counted nor in the trail', async () => {
    const before = (await eventsOf(world.owner, alice.caller.orgId, 'secret.read')).length;
    const wanted = Array.from({ length: COUNT }, (_, index) => index);
    let waiting = wanted;
    const answered: number[] = [];
    while (waiting.length > 0) {
      const items = waiting.map((index) => ({ callerIndex: 0, vaultId, path: path(index), version: 0 }));
      const { results } = await world.reads.readSecrets({ callers: [alice.item], items }, { requestId: 'r' });
      const values = results.flatMap(({ outcome }) => (outcome?.$case === 'secret' ? [outcome.value] : []));
      expect(results[0]?.outcome?.$case).toBe('secret');
      expect(values.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThanOrEqual(4 * 1024 * 1024);
      for (const { metadata, value } of values) {
        const index = Number(metadata!.path.slice('large/'.length));
        expect(value.equals(Buffer.alloc(256 * 1024, 97 + (index % 26)))).toBe(true);
        answered.push(index);
      }
      const deferred = waiting.filter((_, index) => results[index]?.outcome?.$case === 'deferred');
      expect(deferred.length + values.length).toBe(waiting.length);
      waiting = deferred;
      const events = await eventsOf(world.owner, alice.caller.orgId, 'secret.read');
      expect(events.length - before).toBe(answered.length);
    }
    expect(answered).toEqual(wanted);
  });

  it('answers refusals and what is missing beside them', async () => {
    const bob = agent(world.keys, alice.caller.orgId);
    const answers = await readAll(world, [
      { who: alice, vaultId, path: 'large/none' },
      { who: bob, vaultId, path: path(0) },
      { who: alice, vaultId, path: path(0) },
    ]);
    expect(answers).toEqual([code('not_found'), code('permission_denied'), code('gone')]);
  });
});
