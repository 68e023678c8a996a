import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsOf } from '../testing/events.js';
import { agent, owner, type Person } from '../testing/people.js';
import { createVault, grant, put, putAll, read, remove } from '../testing/usage.js';
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

const versions = (path: string, { who = alice, limit = 0, cursor = '' } = {}) =>
  world.reads.listVersions({ vaultId, path, page: { limit, cursor } }, who.call);

describe('listing the versions of a secret', () => {
  it('shows all of them, newest first, and why one cannot be read', async () => {
    const { id } = (await put(world, alice, vaultId, 'a', 'one')) as { id: string };
    await remove(world, alice, vaultId, 'a');
    await put(world, alice, vaultId, 'a', 'two', { expiresAt: new Date('2020-01-02T03:04:05Z') });
    await put(world, alice, vaultId, 'a', 'three', { maxAccessCount: 1, metadataJson: '{"k":1}' });
    await put(world, alice, vaultId, 'a', 'four', { type: 'note', maxAccessCount: 5 });
    await read(world, alice, vaultId, 'a', 3);
    await read(world, alice, vaultId, 'a');

    const page = await versions('a');

    expect(page.nextCursor).toBe('');
    expect(
      page.versions.map(({ metadata, state, maxAccessCount, accessCount }) => [
        metadata!.version,
        state,
        maxAccessCount,
        accessCount,
      ]),
    ).toEqual([
      [4, 'live', 5, 1],
      [3, 'used_up', 1, 1],
      [2, 'expired', undefined, 0],
      [1, 'deleted', undefined, 0],
    ]);
    expect(page.versions[0]).toMatchObject({
      metadata: { id, path: 'a', type: 'note', createdAt: expect.any(Date) },
      createdBy: `user:${alice.caller.id}`,
      cmekEncrypted: false,
    });
    expect(page.versions[1]!.metadata!.metadataJson).toBe('{"k":1}');
  });

  it('counts no access, and shows a deleted secret too', async () => {
    await put(world, alice, vaultId, 'once', 'x', { maxAccessCount: 1 });
    await versions('once');
    expect(await read(world, alice, vaultId, 'once')).toHaveProperty('text', 'x');
    await remove(world, alice, vaultId, 'once');
    expect((await versions('once')).versions.map(({ state }) => state)).toEqual(['deleted']);
  });

  it('pages without gap or repetition while new versions are written', async () => {
    const at = { who: alice, vaultId, path: 'many', value: 'x' };
    await putAll(
      world,
      Array.from({ length: 60 }, () => at),
    );
    await putAll(
      world,
      Array.from({ length: 60 }, () => at),
    );
    for (const limit of [1, 7, 50, 120, 1000]) {
      const seen: number[] = [];
      let cursor = '';
      do {
        const page = await versions('many', { limit, cursor });
        expect(page.versions.length).toBeLessThanOrEqual(limit);
        seen.push(...page.versions.map(({ metadata }) => metadata!.version));
        cursor = page.nextCursor;
        if (limit < 50 && seen.length % 5 === 0) await put(world, alice, vaultId, 'many');
      } while (cursor !== '');
      expect(seen).toEqual(Array.from({ length: seen[0]! }, (_, index) => seen[0]! - index));
    }
    for (const cursor of ['nonsense', Buffer.from('["x"]').toString('base64url')])
      await expect(versions('many', { cursor })).rejects.toMatchObject({ code: 'invalid_argument' });
    const beyond = Buffer.from('[-9007199254740991]').toString('base64url');
    expect((await versions('many', { cursor: beyond })).versions).toEqual([]);
  });

  it('is bounded in bytes, however large the metadata', async () => {
    const metadataJson = JSON.stringify({ text: 'm'.repeat(16_000) });
    const at = { who: alice, vaultId, path: 'large', value: 'x', options: { metadataJson } };
    for (let batch = 0; batch < 40; batch += 1) {
      const written = await putAll(
        world,
        Array.from({ length: 10 }, () => at),
      );
      expect(written.filter(({ error }) => error !== undefined)).toEqual([]);
    }
    const seen: number[] = [];
    let cursor = '';
    do {
      const page = await versions('large', { cursor });
      expect(page.versions.length).toBeLessThan(300);
      expect(page.versions.every(({ metadata }) => metadata!.metadataJson === metadataJson)).toBe(true);
      seen.push(...page.versions.map(({ metadata }) => metadata!.version));
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(seen).toEqual(Array.from({ length: 400 }, (_, index) => 400 - index));
  });

  it('needs the permission to read, and says the same of missing paths to all others', async () => {
    const [reader, writer] = [agent(world.keys, alice.caller.orgId), agent(world.keys, alice.caller.orgId)];
    await grant(world, world.keys, alice, vaultId, reader, { pattern: 'may/*' });
    await grant(world, world.keys, alice, vaultId, writer, { pattern: 'may/*', permissions: ['write', 'delete'] });
    await put(world, alice, vaultId, 'may/a');
    expect((await versions('may/a', { who: reader })).versions).toHaveLength(1);
    for (const path of ['may/a', 'may/never'])
      await expect(versions(path, { who: writer })).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(versions('may/never', { who: reader })).rejects.toMatchObject({ code: 'not_found' });
    await expect(versions('may/a', { who: owner(world.keys) })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is an event of the secret, with its path and how many were shown', async () => {
    const zoe = owner(world.keys);
    const own = await createVault(world, zoe);
    const { id } = (await put(world, zoe, own.id, 'traced')) as { id: string };
    await world.reads.listVersions({ vaultId: own.id, path: 'traced' }, zoe.call);
    await expect(world.reads.listVersions({ vaultId: own.id, path: 'none' }, zoe.call)).rejects.toThrow();
    const events = await eventsOf(world.owner, zoe.caller.orgId, 'secret.list');
    expect(events.map(({ resourceId, details }) => [resourceId, details])).toEqual([
      [id, { vault_id: own.id, path: 'traced', count: 1 }],
      [own.id, { vault_id: own.id, path: 'none', outcome: 'denied', reason: 'secret_not_found' }],
    ]);
  });
});
