import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsOf } from '../testing/events.js';
import { member, owner, type Person } from '../testing/people.js';
import { createVault, grant, list, put, read, remove } from '../testing/usage.js';
import { startVaultWorld, type Clients, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
beforeAll(async () => {
  world = await startVaultWorld();
});
afterAll(() => world.close());

const provision = (clients: Clients, orgId: string, agentId: string) =>
  clients.agentKeys.provisionAgentKeys({ orgId, agentId }, { requestId: randomUUID() });
const systemVault = async (who: Person) =>
  (await world.vaults.listVaults({}, who.call)).vaults.find(({ name }) => name === '__agent-keys')!;

describe('the keys of an agent', () => {
  it('have private halves that fit the public ones, in the org’s system vault', async () => {
    const alice = owner(world.keys);
    const agentId = randomUUID();
    const { ed25519PublicKey, p256PublicKey } = await provision(world, alice.caller.orgId, agentId);
    const { id } = await systemVault(alice);
    await grant(world, world.keys, alice, id, alice, { pattern: `agents/${agentId}/**` });

    const ssh = await read(world, alice, id, `agents/${agentId}/ssh/private_key`);
    const ecdh = await read(world, alice, id, `agents/${agentId}/ecdh/private_key`);

    expect(ssh).toMatchObject({ type: 'private_key', version: 1, createdBy: `agent:${agentId}` });
    const d = (answer: object) => Buffer.from((answer as { text: string }).text, 'base64').toString('base64url');
    const x = ed25519PublicKey.toString('base64url');
    const edwards = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d: d(ssh), x }, format: 'jwk' });
    expect(createPublicKey(edwards).export({ format: 'jwk' }).x).toBe(x);
    const [px, py] = [p256PublicKey.subarray(1, 33), p256PublicKey.subarray(33)].map((half) =>
      half.toString('base64url'),
    );
    const p256 = { kty: 'EC', crv: 'P-256', d: d(ecdh), x: px!, y: py! };
    expect(createPublicKey(createPrivateKey({ key: p256, format: 'jwk' })).export({ format: 'jwk' })).toMatchObject({
      x: px,
      y: py,
    });
  });

  it('are made once, however often and on however many replicas they are asked for at once', async () => {
    const second = await world.startReplica();
    const alice = owner(world.keys);
    const agentIds = [randomUUID(), randomUUID()];
    const asked = Array.from({ length: 16 }, (_, index) =>
      provision(index % 2 ? world : second, alice.caller.orgId, agentIds[index % 4 < 2 ? 0 : 1]!),
    );
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ ed25519PublicKey }) => ed25519PublicKey.toString('hex'))).size).toBe(2);
    const vaults = (await world.vaults.listVaults({}, alice.call)).vaults;
    expect(vaults.map(({ name }) => name)).toEqual(['__agent-keys']);
    const { rows } = await world.owner.query('SELECT path, current_version FROM secrets WHERE org_id = $1', [
      alice.caller.orgId,
    ]);
    expect(rows).toHaveLength(4);
    expect(rows.every(({ current_version }) => current_version === 1)).toBe(true);
    expect(await eventsOf(world.owner, alice.caller.orgId, 'vault.create')).toHaveLength(1);
    expect(await eventsOf(world.owner, alice.caller.orgId, 'secret.write')).toMatchObject(
      Array.from({ length: 4 }, () => ({ actorType: 'system' })),
    );
  });

  it('of one org are not given to another', async () => {
    const agentId = randomUUID();
    await provision(world, randomUUID(), agentId);
    await expect(provision(world, randomUUID(), agentId)).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('rotating the keys of an agent', () => {
  const rotate = (clients: Clients, orgId: string, agentId: string, generation: number) =>
    clients.agentKeys.rotateAgentKeys({ orgId, agentId, generation }, { requestId: randomUUID() });

  it('replaces both pairs once per generation, however often and wherever it is asked for', async () => {
    const second = await world.startReplica();
    const alice = owner(world.keys);
    const { orgId } = alice.caller;
    const agentId = randomUUID();
    const first = await provision(world, orgId, agentId);
    const asked = Array.from({ length: 8 }, (_, index) => rotate(index % 2 ? world : second, orgId, agentId, 1));
    const answers = await Promise.all(asked);
    expect(
      new Set(answers.map(({ generation, ed25519PublicKey }) => `${generation} ${ed25519PublicKey.toString('hex')}`))
        .size,
    ).toBe(1);
    expect(answers[0]?.generation).toBe(2);
    expect(answers[0]?.ed25519PublicKey.equals(first.ed25519PublicKey)).toBe(false);
    expect(await rotate(world, orgId, agentId, 1)).toEqual(answers[0]);
    expect((await rotate(world, orgId, agentId, 2)).generation).toBe(3);
    expect((await provision(world, orgId, agentId)).ed25519PublicKey).not.toEqual(first.ed25519PublicKey);
  });

  it('keeps the old private halves as earlier versions', async () => {
    const alice = owner(world.keys);
    const agentId = randomUUID();
    const path = `agents/${agentId}/ssh/private_key`;
    const { ed25519PublicKey } = await provision(world, alice.caller.orgId, agentId);
    const rotated = await rotate(world, alice.caller.orgId, agentId, 1);
    const { id } = await systemVault(alice);
    await grant(world, world.keys, alice, id, alice);
    for (const [version, point] of [
      [1, ed25519PublicKey],
      [0, rotated.ed25519PublicKey],
    ] as const) {
      const { text } = (await read(world, alice, id, path, version)) as { text: string };
      const d = Buffer.from(text, 'base64').toString('base64url');
      const x = point.toString('base64url');
      const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
      expect(createPublicKey(key).export({ format: 'jwk' }).x).toBe(x);
    }
  });

  it('finds no keys where there are none', async () => {
    await expect(rotate(world, randomUUID(), randomUUID(), 1)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the system vault', () => {
  it('is last in the list of owner and admin, hidden from members, and the system’s', async () => {
    const alice = owner(world.keys);
    await provision(world, alice.caller.orgId, randomUUID());
    await createVault(world, alice, 'later');
    const { vaults } = await world.vaults.listVaults({}, alice.call);
    expect(vaults.map(({ name, createdByType }) => [name, createdByType])).toEqual([
      ['later', 'user'],
      ['__agent-keys', 'system'],
    ]);
    const bob = member(world.keys, alice.caller.orgId);
    expect((await world.vaults.listVaults({}, bob.call)).vaults).toEqual([]);
  });

  it('opens to nobody without a policy, and is changed by nobody even with one', async () => {
    const alice = owner(world.keys);
    const agentId = randomUUID();
    const path = `agents/${agentId}/ssh/private_key`;
    await provision(world, alice.caller.orgId, agentId);
    const { id } = await systemVault(alice);

    expect(await read(world, alice, id, path)).toHaveProperty('error.code', 'permission_denied');
    expect(await list(world, alice, id)).toEqual([]);
    await grant(world, world.keys, alice, id, alice, { permissions: ['read', 'write', 'delete'] });
    expect(await read(world, alice, id, path)).toHaveProperty('type', 'private_key');
    expect(await list(world, alice, id)).toHaveLength(2);
    expect(await put(world, alice, id, path)).toHaveProperty('error.code', 'permission_denied');
    await expect(remove(world, alice, id, path)).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(world.vaults.deleteVault({ vaultId: id }, alice.call)).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });

  it('is reached by auth-svc alone', async () => {
    const alice = owner(world.keys);
    const gateway = { ...world, agentKeys: world.agentKeysAsGateway };
    await expect(provision(gateway, alice.caller.orgId, randomUUID())).rejects.toMatchObject({
      code: 'permission_denied',
    });
  });
});
