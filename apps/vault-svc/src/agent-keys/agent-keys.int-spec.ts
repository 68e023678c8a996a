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
