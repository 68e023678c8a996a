import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsOf } from '../testing/events.js';
import { agent, owner, type Person } from '../testing/people.js';
import { createVault, grant, list, put, read, remove } from '../testing/usage.js';
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

const restore = async (path: string, who = alice, { writes }: Replica | VaultWorld = world) =>
  (await writes.restoreSecret({ vaultId, path }, who.call)).secret;
const text = async (path: string, version = 0) => {
  const answer = await read(world, alice, vaultId, path, version);
  return 'text' in answer ? answer.text : answer.error.code;
};

describe('restoring a deleted secret', () => {
  it('brings its versions back as they were, with their counts, and under their id', async () => {
    const first = await put(world, alice, vaultId, 'a', 'one', { maxAccessCount: 2, metadataJson: '{"n":1}' });
    await put(world, alice, vaultId, 'a', 'two', { type: 'note' });
    expect(await text('a', 1)).toBe('one');
    await remove(world, alice, vaultId, 'a');
    expect(await text('a')).toBe('gone');

    const restored = await restore('a');

    expect(restored).toMatchObject({ id: (first as { id: string }).id, path: 'a', version: 2, type: 'note' });
    expect([await text('a'), await text('a', 1), await text('a', 1)]).toEqual(['two', 'one', 'gone']);
    expect((await list(world, alice, vaultId)).map(({ path }) => path)).toContain('a');
    expect(await put(world, alice, vaultId, 'a', 'three')).toHaveProperty('version', 3);
  });

  it('undoes the last deletion, and not the ones before it', async () => {
    await put(world, alice, vaultId, 'twice', 'one');
    await remove(world, alice, vaultId, 'twice');
    await put(world, alice, vaultId, 'twice', 'two');
    await put(world, alice, vaultId, 'twice', 'three');
    await remove(world, alice, vaultId, 'twice');
    await restore('twice');
    expect([await text('twice'), await text('twice', 2), await text('twice', 1)]).toEqual(['three', 'two', 'gone']);
    await remove(world, alice, vaultId, 'twice');
    await restore('twice');
    expect([await text('twice', 2), await text('twice', 1)]).toEqual(['two', 'gone']);
  });

  it('does not bring back what expired or was used up meanwhile', async () => {
    await put(world, alice, vaultId, 'expired', 'x', { expiresAt: new Date(Date.now() - 1) });
    await remove(world, alice, vaultId, 'expired');
    expect(await restore('expired')).toMatchObject({ version: 1 });
    expect(await text('expired')).toBe('gone');
  });

  it('brings back no share that the deletion ended', async () => {
    const { id } = (await put(world, alice, vaultId, 'shared')) as { id: string };
    const { rows } = await world.owner.query<{ id: string }>(
      `INSERT INTO shares (id, org_id, secret_id, secret_version, created_by_type, created_by, recipient_type, expires_at, ip_allowlist)
       VALUES (gen_random_uuid(), $1, $2, 1, 'user', $3, 'anyone_with_link', now() + interval '1 day', '{}') RETURNING id`,
      [alice.caller.orgId, id, alice.caller.id],
    );
    await remove(world, alice, vaultId, 'shared');
    await restore('shared');
    const left = await world.owner.query('SELECT FROM shares WHERE id = $1 AND revoked_at IS NULL', [rows[0]!.id]);
    expect(left.rows).toHaveLength(0);
  });

  it('is for those who may write the path, and says the same of missing paths to all others', async () => {
    const [writer, reader] = [agent(world.keys, alice.caller.orgId), agent(world.keys, alice.caller.orgId)];
    await grant(world, world.keys, alice, vaultId, writer, { pattern: 'may/*', permissions: ['write'] });
    await grant(world, world.keys, alice, vaultId, reader, { pattern: 'may/*', permissions: ['read', 'delete'] });
    await put(world, alice, vaultId, 'may/a');
    await remove(world, alice, vaultId, 'may/a');
    for (const path of ['may/a', 'may/never'])
      await expect(restore(path, reader)).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(restore('may/a', owner(world.keys))).rejects.toMatchObject({ code: 'not_found' });
    expect(await restore('may/a', writer)).toMatchObject({ path: 'may/a' });
  });

  it('is refused where nothing is deleted, or nothing ever was', async () => {
    await put(world, alice, vaultId, 'live');
    await expect(restore('live')).rejects.toMatchObject({ code: 'conflict' });
    await expect(restore('never')).rejects.toMatchObject({ code: 'not_found' });
    await expect(restore('a//b')).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('succeeds for exactly one of 50 at once over three replicas, and never beside a write that revived the path', async () => {
    await put(world, alice, vaultId, 'race');
    await remove(world, alice, vaultId, 'race');
    const tries = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => restore('race', alice, replicas[n % 3])),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const reasons = tries.flatMap((each) =>
      each.status === 'rejected' ? [(each.reason as { code: string }).code] : [],
    );
    expect(new Set(reasons)).toEqual(new Set(['conflict']));

    for (let round = 0; round < 10; round += 1) {
      const path = `race/${round}`;
      await put(world, alice, vaultId, path, 'old');
      await remove(world, alice, vaultId, path);
      const [restored] = await Promise.allSettled([
        restore(path, alice, replicas[1]),
        put(replicas[2]!, alice, vaultId, path, 'new'),
      ]);
      // The write wins and version 1 stays deleted, or the restoration came first and both versions are there.
      expect([await text(path), await text(path, 1)]).toEqual([
        'new',
        restored.status === 'fulfilled' ? 'old' : 'gone',
      ]);
    }
  });

  it('is an event; so is a refusal', async () => {
    const zoe = owner(world.keys);
    const own = await createVault(world, zoe);
    const { id } = (await put(world, zoe, own.id, 'traced')) as { id: string };
    await remove(world, zoe, own.id, 'traced');
    await world.writes.restoreSecret({ vaultId: own.id, path: 'traced' }, zoe.call);
    await expect(world.writes.restoreSecret({ vaultId: own.id, path: 'traced' }, zoe.call)).rejects.toThrow();
    const events = await eventsOf(world.owner, zoe.caller.orgId, 'secret.restore');
    const place = { vault_id: own.id, path: 'traced' };
    expect(events.map(({ resourceId, details }) => [resourceId, details])).toEqual([
      [id, { ...place, version: 1 }],
      [own.id, { ...place, outcome: 'denied', reason: 'not_deleted' }],
    ]);
  });
});
