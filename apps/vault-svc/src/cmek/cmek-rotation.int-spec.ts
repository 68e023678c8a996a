import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CmekRotation } from '@oneclaw/contracts/vault';
import { eventually } from '@oneclaw/testing';
import { ClientKey } from '../testing/client-key.js';
import { eventsOf } from '../testing/events.js';
import { gate } from '../testing/gate.js';
import { owner, type Person } from '../testing/people.js';
import { createVault, put, putAll, read, remove } from '../testing/usage.js';
import { startVaultWorld, type Clients, type Replica, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let other: Replica;
beforeAll(async () => {
  world = await startVaultWorld();
  other = await world.startReplica();
});
afterAll(() => world.close());
afterEach(() => {
  world.keys.state = 'ok';
  delete world.keys.gates.seal;
  delete world.keys.gates.reencrypt;
});

/** A vault under a client's key, with values of that key. */
class Keyed {
  readonly alice: Person = owner(world.keys);
  readonly oldKey = new ClientKey();
  readonly newKey = new ClientKey();
  id = '';

  async fill(count: number): Promise<this> {
    this.id = (await createVault(world, this.alice)).id;
    await world.cmek.enableCmek({ vaultId: this.id, fingerprint: this.oldKey.fingerprint }, this.alice.call);
    const wanted = Array.from({ length: count }, (_, index) => `s/${index}`);
    await putAll(
      world,
      wanted.map((path) => ({
        who: this.alice,
        vaultId: this.id,
        path,
        value: this.oldKey.encrypt(`of ${path}`),
      })),
    );
    return this;
  }

  put(path: string, key: ClientKey, at: Clients = world) {
    return put(at, this.alice, this.id, path, key.encrypt(`of ${path}`));
  }

  async rotate(at: Clients = world, { oldKey, newKey } = this as { oldKey: ClientKey; newKey: ClientKey }) {
    const keys = { oldKey: Buffer.from(oldKey.bytes), newKey: Buffer.from(newKey.bytes) };
    const request = { vaultId: this.id, newFingerprint: newKey.fingerprint, ...keys };
    return (await at.cmek.rotateCmek(request, this.alice.call)).rotation!;
  }

  async rotation(rotationId: string): Promise<CmekRotation> {
    return (await world.cmek.getCmekRotation({ vaultId: this.id, rotationId }, this.alice.call)).rotation!;
  }

  async ended(rotationId: string): Promise<CmekRotation> {
    return await eventually(async () => {
      const rotation = await this.rotation(rotationId);
      if (rotation.status === 'running') throw new Error(`${rotation.processed} of ${rotation.totalVersions}`);
      return rotation;
    });
  }

  /** What the holder of a key reads; undefined where it is not under that key. */
  async readWith(key: ClientKey, path: string, version = 0): Promise<string | undefined> {
    const answer = await read(world, this.alice, this.id, path, version);
    return key.decrypt((answer as { text: string }).text);
  }

  /** How many versions bear which fingerprint. */
  async labels(): Promise<Record<string, number>> {
    const { rows } = await world.owner.query<{ name: string | null; count: number }>(
      `SELECT cmek_fingerprint AS name, count(*)::int FROM secret_versions sv JOIN secrets s ON s.id = sv.secret_id
       WHERE vault_id = $1 GROUP BY 1`,
      [this.id],
    );
    const names = { [this.oldKey.fingerprint]: 'old', [this.newKey.fingerprint]: 'new' };
    return Object.fromEntries(rows.map(({ name, count }) => [name === null ? 'none' : (names[name] ?? name), count]));
  }

  async expectAllUnderNewKey(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1)
      expect(await this.readWith(this.newKey, `s/${index}`)).toBe(`of s/${index}`);
  }
}

/** Until the rotation is re-encrypting. */
async function untilReencrypting(): Promise<{ open: () => void }> {
  const { opened, open } = gate();
  world.keys.gates.reencrypt = opened;
  return { open };
}

const reencrypting = (since: number) =>
  eventually(async () => expect(world.keys.calls.reencrypt).toBeGreaterThan(since));

describe('moving a vault from one client’s key to another', () => {
  it('re-encrypts every version under the old key, old and deleted ones too, and nothing else', async () => {
    const vault = await new Keyed().fill(3);
    const { alice, id, oldKey, newKey } = vault;
    await vault.put('s/0', oldKey);
    await remove(world, alice, id, 's/2');
    await world.cmek.disableCmek({ vaultId: id }, alice.call);
    await put(world, alice, id, 'plain', 'in the clear');
    await world.cmek.enableCmek({ vaultId: id, fingerprint: oldKey.fingerprint }, alice.call);

    const started = await vault.rotate();
    expect(started).toMatchObject({
      vaultId: id,
      oldFingerprint: oldKey.fingerprint,
      newFingerprint: newKey.fingerprint,
      status: 'running',
      totalVersions: 4,
      error: '',
    });
    expect(await vault.ended(started.id)).toMatchObject({
      id: started.id,
      status: 'completed',
      totalVersions: 4,
      processed: 4,
      error: '',
      completedAt: expect.any(Date),
    });
    expect((await world.vaults.getVault({ vaultId: id }, alice.call)).vault).toMatchObject({
      cmekEnabled: true,
      cmekFingerprint: newKey.fingerprint,
    });
    expect(await vault.labels()).toEqual({ new: 4, none: 1 });
    await vault.expectAllUnderNewKey(2);
    expect(await vault.readWith(newKey, 's/0', 1)).toBe('of s/0');
    expect(await read(world, alice, id, 'plain')).toMatchObject({ text: 'in the clear', cmekEncrypted: false });
    const restored = await world.writes.restoreSecret({ vaultId: id, path: 's/2' }, alice.call);
    expect(restored.secret?.version).toBe(1);
    expect(await vault.readWith(newKey, 's/2')).toBe('of s/2');
  });

  it('is in the trail when it starts and when it ends', async () => {
    const vault = await new Keyed().fill(2);
    const { id } = await vault.rotate();
    await vault.ended(id);
    const events = await eventsOf(world.owner, vault.alice.caller.orgId, 'cmek.rotate');
    const named = {
      vault_id: vault.id,
      rotation_id: id,
      old_fingerprint: vault.oldKey.fingerprint,
      new_fingerprint: vault.newKey.fingerprint,
    };
    expect(events.map(({ actorType, details }) => [actorType, details])).toEqual([
      ['user', { ...named, status: 'running', total_secrets: 2 }],
      ['system', { ...named, status: 'completed', processed: 2 }],
    ]);
  });

  it('checks both keys, and changes nothing for wrong ones', async () => {
    const vault = await new Keyed().fill(1);
    const { oldKey, newKey } = vault;
    const wrong = new ClientKey();
    const refusals: [ClientKey, ClientKey, string, string][] = [
      [wrong, newKey, newKey.fingerprint, 'x-cmek-old-key'],
      [oldKey, wrong, newKey.fingerprint, 'x-cmek-new-key'],
      [newKey, oldKey, newKey.fingerprint, 'x-cmek-new-key'],
      [oldKey, oldKey, oldKey.fingerprint, 'new_fingerprint'],
      [oldKey, newKey, 'nonsense', 'new_fingerprint'],
    ];
    for (const [old, fresh, newFingerprint, field] of refusals) {
      const keys = { oldKey: old.bytes, newKey: fresh.bytes };
      const asking = world.cmek.rotateCmek({ vaultId: vault.id, newFingerprint, ...keys }, vault.alice.call);
      await expect(asking).rejects.toMatchObject({
        code: 'invalid_argument',
        fields: { [field]: expect.any(String) },
      });
    }
    expect(await vault.labels()).toEqual({ old: 1 });
    expect((await world.vaults.getVault({ vaultId: vault.id }, vault.alice.call)).vault?.cmekFingerprint).toBe(
      oldKey.fingerprint,
    );
  });

  it('is a conflict where CMEK is off, and not found for a stranger or another vault', async () => {
    const vault = await new Keyed().fill(1);
    const { id: rotationId } = await vault.rotate();
    await vault.ended(rotationId);
    await world.cmek.disableCmek({ vaultId: vault.id }, vault.alice.call);
    await expect(vault.rotate()).rejects.toMatchObject({ code: 'conflict' });
    const stranger = owner(world.keys);
    const elsewhere = await createVault(world, vault.alice);
    for (const [who, vaultId] of [
      [stranger, vault.id],
      [vault.alice, elsewhere.id],
    ] as const) {
      const asking = world.cmek.getCmekRotation({ vaultId, rotationId }, who.call);
      await expect(asking).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it('moves each version once, however often and on whichever replica it is asked for meanwhile', async () => {
    const vault = await new Keyed().fill(350);
    const { open } = await untilReencrypting();
    const asked = await Promise.all(Array.from({ length: 8 }, (_, index) => vault.rotate(index % 2 ? world : other)));
    open();
    delete world.keys.gates.reencrypt;
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    expect(await vault.ended(asked[0]!.id)).toMatchObject({ status: 'completed', totalVersions: 350, processed: 350 });
    expect(await vault.labels()).toEqual({ new: 350 });
    await vault.expectAllUnderNewKey(350);
    expect(await vault.rotate()).toMatchObject({ id: asked[0]!.id, status: 'completed' });
  });

  it('tries what is written meanwhile with both keys, on every replica', async () => {
    const vault = await new Keyed().fill(120);
    const { oldKey, newKey } = vault;
    const { open } = await untilReencrypting();
    const calls = world.keys.calls.reencrypt;
    const { id } = await vault.rotate();
    await reencrypting(calls);
    await Promise.all([
      vault.put('a/old', oldKey),
      vault.put('a/new', newKey, other),
      vault.put('z/old', oldKey, other),
      vault.put('z/new', newKey),
      vault.put('s/0', newKey, other),
    ]);
    expect(await vault.readWith(oldKey, 'a/old')).toBe('of a/old');
    expect(await vault.readWith(newKey, 'z/new')).toBe('of z/new');
    open();
    expect(await vault.ended(id)).toMatchObject({ status: 'completed', totalVersions: 125, processed: 125 });
    expect(await vault.labels()).toEqual({ new: 125 });
    for (const path of ['a/old', 'a/new', 'z/old', 'z/new'])
      expect(await vault.readWith(newKey, path)).toBe(`of ${path}`);
    await vault.expectAllUnderNewKey(120);
    const { rows } = await world.owner.query('SELECT 1 FROM cmek_stragglers WHERE vault_id = $1', [vault.id]);
    expect(rows).toEqual([]);
  });

  it('loses nothing of a stream of writes under both keys, and comes to an end', async () => {
    const vault = await new Keyed().fill(300);
    const { oldKey, newKey } = vault;
    let writing = true;
    const written: string[] = [];
    const stream = async (at: Clients, name: string) => {
      for (let round = 0; writing; round += 1) {
        const path = `${name}/${round}`;
        // Until the end is known a client may still have the old key; afterwards it has the new one.
        const answer = await vault.put(path, round % 2 ? oldKey : newKey, at);
        if (!answer.error) written.push(path);
      }
    };
    const streams = [stream(world, 'a'), stream(other, 'm'), stream(world, 'z')];
    await eventually(async () => expect(written.length).toBeGreaterThan(5));
    const { id } = await vault.rotate();
    await eventually(async () => expect((await vault.rotation(id)).processed).toBeGreaterThan(100));
    writing = false;
    await Promise.all(streams);
    const done = await vault.ended(id);
    expect(done.status).toBe('completed');
    expect(done.processed).toBe(done.totalVersions);
    expect(await vault.labels()).toEqual({ new: 300 + written.length });
    await vault.expectAllUnderNewKey(300);
    for (const path of written) expect(await vault.readWith(newKey, path)).toBe(`of ${path}`);
  });

  it('waits for a write that began under the old key, and moves it too', async () => {
    const vault = await new Keyed().fill(1);
    const { opened, open } = gate();
    world.keys.gates.seal = opened;
    const calls = world.keys.calls.seal;
    const writing = vault.put('late', vault.oldKey);
    await eventually(async () => expect(world.keys.calls.seal).toBe(calls + 1));
    const rotating = vault.rotate(other);
    await eventually(async () => {
      const { rows } = await world.owner.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'`);
      expect(rows).not.toEqual([]);
    });
    open();
    expect((await writing).error).toBeUndefined();
    const { id, totalVersions } = await rotating;
    expect(totalVersions).toBe(2);
    await vault.ended(id);
    expect(await vault.readWith(vault.newKey, 'late')).toBe('of late');
  });

  it('says that it was interrupted when its replica stops, and goes on when the call is repeated elsewhere', async () => {
    const vault = await new Keyed().fill(350);
    const doomed = await world.startReplica();
    const { open } = await untilReencrypting();
    const calls = world.keys.calls.reencrypt;
    const { id } = await vault.rotate(doomed);
    await reencrypting(calls);
    const closing = doomed.service.close();
    open();
    await closing;
    delete world.keys.gates.reencrypt;
    const interrupted = await vault.rotation(id);
    expect(interrupted).toMatchObject({ status: 'failed', error: expect.stringContaining('Repeat the call') });
    expect(interrupted.processed).toBeLessThan(350);
    await vault.put('between', vault.oldKey);
    await vault.put('between/new', vault.newKey);

    expect(await vault.rotate(other)).toMatchObject({ id, status: 'running', error: '' });
    expect(await vault.ended(id)).toMatchObject({ status: 'completed', totalVersions: 352, processed: 352 });
    expect(await vault.labels()).toEqual({ new: 352 });
    await vault.expectAllUnderNewKey(350);
    expect(await vault.readWith(vault.newKey, 'between')).toBe('of between');
  });

  it('goes on by itself when the HSM is back', async () => {
    const vault = await new Keyed().fill(250);
    const { open } = await untilReencrypting();
    const calls = world.keys.calls.reencrypt;
    const { id } = await vault.rotate();
    await reencrypting(calls);
    world.keys.state = 'unavailable';
    open();
    await reencrypting(calls + 1);
    expect(await vault.rotation(id)).toMatchObject({ status: 'running', processed: 100 });
    world.keys.state = 'ok';
    expect(await vault.ended(id)).toMatchObject({ status: 'completed', processed: 250 });
  });

  it('leaves what neither key opens, says how many, and tries again when asked to', async () => {
    const vault = await new Keyed().fill(5);
    const third = new ClientKey();
    await put(world, vault.alice, vault.id, 's/1', third.encrypt('under a third key'));
    const { open } = await untilReencrypting();
    const calls = world.keys.calls.reencrypt;
    const { id } = await vault.rotate();
    await reencrypting(calls);
    await put(world, vault.alice, vault.id, 'late', third.encrypt('too'));
    open();
    const error = '2 versions open with neither key, and stay as they are.';
    expect(await vault.ended(id)).toMatchObject({ status: 'failed', processed: 5, error });
    expect(await vault.labels()).toEqual({ new: 5, old: 2 });
    expect(await vault.readWith(third, 's/1')).toBe('under a third key');
    await vault.put('after', vault.newKey);
    expect(await vault.labels()).toEqual({ new: 6, old: 2 });

    expect(await vault.rotate()).toMatchObject({ id, status: 'running', error: '' });
    expect(await vault.ended(id)).toMatchObject({ status: 'failed', processed: 5, error });
    const next = new ClientKey();
    const { id: nextId } = await vault.rotate(world, { oldKey: vault.newKey, newKey: next });
    expect(await vault.ended(nextId)).toMatchObject({ status: 'completed', totalVersions: 6, processed: 6 });
  });

  it('counts damaged versions as failed and moves the others', async () => {
    const vault = await new Keyed().fill(3);
    await world.owner.query(
      `UPDATE secret_versions SET sealed_value = set_byte(sealed_value, 20, get_byte(sealed_value, 20) # 1)
       WHERE secret_id = (SELECT id FROM secrets WHERE vault_id = $1 AND path = 's/1')`,
      [vault.id],
    );
    const { id } = await vault.rotate();
    expect(await vault.ended(id)).toMatchObject({ status: 'failed', totalVersions: 3, processed: 2 });
    expect(await vault.readWith(vault.newKey, 's/0')).toBe('of s/0');
    expect(await read(world, vault.alice, vault.id, 's/1')).toHaveProperty('error.code', 'internal');
  });

  it('and a rotation of the KEK at the same time leave everything under both new keys', async () => {
    const vault = await new Keyed().fill(400);
    const { alice } = vault;
    const [{ id }] = await Promise.all([
      vault.rotate(),
      other.kekRotations.startKekRotation({ vaultId: vault.id }, alice.call),
    ]);
    expect(await vault.ended(id)).toMatchObject({ status: 'completed', processed: 400 });
    await eventually(async () => {
      const { rotation } = await world.kekRotations.getKekRotation({ vaultId: vault.id }, alice.call);
      expect(rotation?.status).toBe('completed');
    });
    const { rows } = await world.owner.query('SELECT 1 FROM vault_keks WHERE vault_id = $1', [vault.id]);
    expect(rows).toHaveLength(1);
    expect(await vault.labels()).toEqual({ new: 400 });
    await vault.expectAllUnderNewKey(400);
  });

  it('keeps CMEK on until it has ended, or nobody goes on with it', async () => {
    const vault = await new Keyed().fill(150);
    const doomed = await world.startReplica();
    const { open } = await untilReencrypting();
    const calls = world.keys.calls.reencrypt;
    const { id } = await vault.rotate(doomed);
    await reencrypting(calls);
    const disabling = () => world.cmek.disableCmek({ vaultId: vault.id }, vault.alice.call);
    await expect(disabling()).rejects.toMatchObject({ code: 'conflict' });
    const third = { oldKey: vault.newKey, newKey: new ClientKey() };
    await expect(vault.rotate(world, third)).rejects.toMatchObject({ code: 'conflict' });
    const closing = doomed.service.close();
    open();
    await closing;
    expect((await disabling()).vault).toMatchObject({ cmekEnabled: false });
    expect(await vault.rotation(id)).toMatchObject({ status: 'failed', error: 'Ended by switching CMEK off.' });
    const { rows } = await world.owner.query('SELECT 1 FROM cmek_stragglers WHERE vault_id = $1', [vault.id]);
    expect(rows).toEqual([]);
  });

  it('ends with its vault', async () => {
    const vault = await new Keyed().fill(150);
    const { open } = await untilReencrypting();
    const calls = world.keys.calls.reencrypt;
    await vault.rotate();
    await reencrypting(calls);
    await world.vaults.deleteVault({ vaultId: vault.id }, vault.alice.call);
    open();
    await eventually(async () => {
      const { rows } = await world.owner.query(
        'SELECT id FROM vaults WHERE id = $1 UNION ALL SELECT id FROM cmek_rotations WHERE vault_id = $1',
        [vault.id],
      );
      expect(rows).toEqual([]);
    });
  });

  it('moves large values in batches of what fits', async () => {
    const vault = await new Keyed().fill(0);
    const large = randomBytes(140_000).toString('base64');
    const paths = Array.from({ length: 40 }, (_, index) => `large/${index}`);
    for (const path of paths)
      await put(world, vault.alice, vault.id, path, vault.oldKey.encrypt(large.slice(0, 180_000)));
    const calls = world.keys.calls.reencrypt;
    const { id } = await vault.rotate();
    expect(await vault.ended(id)).toMatchObject({ status: 'completed', totalVersions: 40, processed: 40 });
    expect(world.keys.calls.reencrypt - calls).toBeGreaterThan(1);
    for (const path of paths) expect(await vault.readWith(vault.newKey, path)).toBe(large.slice(0, 180_000));
  });
});
