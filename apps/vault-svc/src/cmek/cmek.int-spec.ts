import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientKey } from '../testing/client-key.js';
import { eventsOf } from '../testing/events.js';
import { agent, member, owner, type Person } from '../testing/people.js';
import { createVault, put, read } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
beforeAll(async () => (world = await startVaultWorld()));
afterAll(() => world.close());

const key = new ClientKey();
const enable = async (who: Person, vaultId: string, fingerprint = key.fingerprint) =>
  (await world.cmek.enableCmek({ vaultId, fingerprint }, who.call)).vault!;
const disable = async (who: Person, vaultId: string) => (await world.cmek.disableCmek({ vaultId }, who.call)).vault!;
const rotate = (who: Person, vaultId: string) =>
  world.cmek.rotateCmek(
    { vaultId, newFingerprint: 'none', oldKey: Buffer.alloc(1), newKey: Buffer.alloc(1) },
    who.call,
  );

describe('a vault under a client’s key', () => {
  it('takes values that are encrypted, answers them untouched, and says so of each version', async () => {
    const alice = owner(world.keys);
    const vault = await createVault(world, alice);
    await put(world, alice, vault.id, 'a', 'before');
    expect(await enable(alice, vault.id, key.fingerprint.toUpperCase())).toEqual({
      ...vault,
      cmekEnabled: true,
      cmekFingerprint: key.fingerprint,
    });
    const value = key.encrypt('under the client’s key');
    expect(await put(world, alice, vault.id, 'a', value)).toMatchObject({ version: 2 });
    expect(await read(world, alice, vault.id, 'a')).toMatchObject({ text: value, cmekEncrypted: true });
    expect(await read(world, alice, vault.id, 'a', 1)).toMatchObject({ text: 'before', cmekEncrypted: false });
    const { rows } = await world.owner.query(
      'SELECT cmek_fingerprint FROM secret_versions sv JOIN secrets s ON s.id = sv.secret_id WHERE vault_id = $1 ORDER BY version',
      [vault.id],
    );
    expect(rows).toEqual([{ cmek_fingerprint: null }, { cmek_fingerprint: key.fingerprint }]);
  });

  it.each(['plain', '', Buffer.alloc(40, 2).toString('base64')])('refuses the value %j', async (value) => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    await enable(alice, id);
    expect(await put(world, alice, id, 'a', value)).toMatchObject({
      error: { code: 'invalid_argument', fields: { value: expect.stringContaining('base64') } },
    });
    expect(await put(world, alice, id, 'a', key.encrypt('x'))).toMatchObject({ version: 1 });
  });

  it('tells those who may not write nothing of its key', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    await enable(alice, id);
    const bob = member(world.keys, alice.caller.orgId);
    expect(await put(world, bob, id, 'a', 'plain')).toHaveProperty('error.code', 'permission_denied');
  });

  it('takes any value once it is switched off, and still says which versions are encrypted', async () => {
    const alice = owner(world.keys);
    const vault = await createVault(world, alice);
    await enable(alice, vault.id);
    const value = key.encrypt('x');
    await put(world, alice, vault.id, 'a', value);
    expect(await disable(alice, vault.id)).toEqual(vault);
    expect(await disable(alice, vault.id)).toEqual(vault);
    await put(world, alice, vault.id, 'a', 'plain');
    expect(await read(world, alice, vault.id, 'a')).toMatchObject({ text: 'plain', cmekEncrypted: false });
    expect(await read(world, alice, vault.id, 'a', 1)).toMatchObject({ text: value, cmekEncrypted: true });
  });

  it('is switched on once with one key, and refuses another', async () => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    const many = await Promise.all(Array.from({ length: 8 }, () => enable(alice, id)));
    expect(new Set(many.map(({ cmekFingerprint }) => cmekFingerprint))).toEqual(new Set([key.fingerprint]));
    await expect(enable(alice, id, new ClientKey().fingerprint)).rejects.toMatchObject({ code: 'conflict' });
    await disable(alice, id);
    const named = { vault_id: id, fingerprint: key.fingerprint };
    const events = await Promise.all(
      ['cmek.enable', 'cmek.disable'].map((action) => eventsOf(world.owner, alice.caller.orgId, action)),
    );
    expect(events.flat().map(({ action, details }) => [action, details])).toEqual([
      ['cmek.enable', named],
      ['cmek.enable', { vault_id: id, outcome: 'denied', reason: 'another_key' }],
      ['cmek.disable', named],
    ]);
  });

  it.each(['', 'a'.repeat(63), `${'g'.repeat(64)}`])('is not switched on with the fingerprint %j', async (wrong) => {
    const alice = owner(world.keys);
    const { id } = await createVault(world, alice);
    await expect(enable(alice, id, wrong)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { fingerprint: expect.any(String) },
    });
  });
});

describe('the keys of a vault', () => {
  it('are managed by its creator, owner and admin', async () => {
    const alice = owner(world.keys);
    const bob = member(world.keys, alice.caller.orgId);
    const carol = member(world.keys, alice.caller.orgId);
    const { id } = await createVault(world, bob);
    await enable(bob, id);
    await enable(alice, id);
    for (const refused of [carol, agent(world.keys, alice.caller.orgId)]) {
      await expect(enable(refused, id)).rejects.toMatchObject({ code: 'permission_denied' });
      await expect(disable(refused, id)).rejects.toMatchObject({ code: 'permission_denied' });
    }
    const stranger = owner(world.keys);
    await expect(enable(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(disable(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are the HSM’s alone in the vault of agent keys', async () => {
    const alice = owner(world.keys);
    await world.agentKeys.provisionAgentKeys(
      { orgId: alice.caller.orgId, agentId: randomUUID() },
      { requestId: randomUUID() },
    );
    const { vaults } = await world.vaults.listVaults({}, alice.call);
    await expect(enable(alice, vaults[0]!.id)).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('need a plan that has them, which is looked at before anything else', async () => {
    const alice = owner(world.keys);
    // Before anything is asked of it: a plan is believed for some seconds.
    world.billing.plans.set(alice.caller.orgId, { tier: 'pro', cmekAllowed: false });
    const { id } = await createVault(world, alice);
    const refused = { code: 'permission_denied', message: expect.stringContaining('business or enterprise plan') };
    for (const vaultId of [id, randomUUID()]) {
      await expect(enable(alice, vaultId, 'nonsense')).rejects.toMatchObject(refused);
      await expect(rotate(alice, vaultId)).rejects.toMatchObject(refused);
      const admitting = world.cmek.admitCmek({ vaultId, action: 'cmek.rotate' }, alice.call);
      await expect(admitting).rejects.toMatchObject(refused);
    }
    await expect(disable(alice, id)).rejects.toMatchObject(refused);
    const denied = await eventsOf(world.owner, alice.caller.orgId, 'cmek.enable');
    expect(denied.map(({ details }) => details['reason'])).toEqual(['plan', 'plan']);

    world.billing.plans.set(alice.caller.orgId, { tier: 'business', cmekAllowed: true });
    await enable(alice, id);
    world.billing.plans.set(alice.caller.orgId, { tier: 'free', cmekAllowed: false });
    expect(await disable(alice, id)).toMatchObject({ cmekEnabled: false });
  });
});
