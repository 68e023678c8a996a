import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CreatePolicyRequest } from '@oneclaw/contracts/vault';
import { eventsOf } from '../testing/events.js';
import { agent, attestationOf, from, member, owner, person, type Person, WRONG_CLOCKS } from '../testing/people.js';
import { createVault, grant, put, read } from '../testing/usage.js';
import { startVaultWorld, type Replica, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let second: Replica;
let alice: Person;
let robot: Person;
let vaultId: string;

beforeAll(async () => {
  world = await startVaultWorld();
  second = await world.startReplica();
});
afterAll(() => world.close());
beforeEach(async () => {
  alice = owner(world.keys);
  robot = agent(world.keys, alice.caller.orgId);
  vaultId = (await createVault(world, alice)).id;
  await put(world, alice, vaultId, 'db/password', 'x');
});

const create = (who: Person, overrides: Partial<CreatePolicyRequest> = {}) =>
  world.policies.createPolicy(
    {
      vaultId,
      secretPathPattern: '**',
      principalType: 'agent',
      principalId: robot.caller.id,
      permissions: ['read'],
      conditionsJson: '',
      principalAttestation: attestationOf(world.keys, robot.caller),
      ...overrides,
    },
    who.call,
  );
const mayRead = async (replica: Replica, who = robot) => !(await read(replica, who, vaultId, 'db/password')).error;

describe('a policy', () => {
  it('binds on every replica from the moment it is made, changed or deleted', async () => {
    expect([await mayRead(world), await mayRead(second)]).toEqual([false, false]);
    const { policy } = await create(alice);
    expect([await mayRead(world), await mayRead(second)]).toEqual([true, true]);
    const ids = { vaultId, policyId: policy!.id };
    await world.policies.updatePolicy({ ...ids, permissions: ['write'] }, alice.call);
    expect([await mayRead(second), await mayRead(world)]).toEqual([false, false]);
    await second.policies.updatePolicy({ ...ids, permissions: ['read'] }, alice.call);
    expect([await mayRead(second), await mayRead(world)]).toEqual([true, true]);
    await world.policies.deletePolicy(ids, alice.call);
    expect([await mayRead(second), await mayRead(world)]).toEqual([false, false]);
  });

  it('is made as asked for, and listed so', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    const conditions = { time_window: { after: '22:00', before: '06:00', timezone: 'Europe/Berlin', days: ['fri'] } };
    const { policy } = await create(alice, {
      secretPathPattern: 'db/**',
      permissions: ['delete', 'read', 'read'],
      conditionsJson: JSON.stringify(conditions),
      expiresAt,
    });
    expect(policy).toMatchObject({
      vaultId,
      secretPathPattern: 'db/**',
      principalType: 'agent',
      principalId: robot.caller.id,
      permissions: ['read', 'delete'],
      createdBy: alice.caller.id,
      createdByType: 'user',
      expiresAt,
    });
    expect(JSON.parse(policy!.conditionsJson)).toEqual(conditions);
    expect((await world.policies.listPolicies({ vaultId }, alice.call)).policies).toEqual([policy]);
  });

  it('changes in what is given, stays in what is absent, and loses what is cleared', async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    const conditionsJson = '{"ip_allowlist":["192.0.2.0/24"]}';
    const { policy } = await create(alice, { conditionsJson, expiresAt });
    const ids = { vaultId, policyId: policy!.id };
    const update = async (change: object) =>
      (await world.policies.updatePolicy({ ...ids, ...change }, alice.call)).policy;

    expect(await update({ permissions: ['write'] })).toEqual({ ...policy, permissions: ['write'] });
    expect(await update({ conditionsJson: '{}' })).toMatchObject({
      conditionsJson: '{}',
      expiresAt,
      permissions: ['write'],
    });
    expect((await update({ clearExpiresAt: true }))?.expiresAt).toBeUndefined();
  });

  it('holds its conditions: address and expiry', async () => {
    await create(alice, { conditionsJson: '{"ip_allowlist":["198.51.100.0/24"]}' });
    expect(await mayRead(world)).toBe(false);
    expect(await mayRead(world, from(robot, '198.51.100.7'))).toBe(true);
    await create(alice, { expiresAt: new Date(Date.now() - 1) });
    expect(await mayRead(world)).toBe(false);
  });

  it('takes null for a condition as none', async () => {
    const window = { after: '22:00', before: '06:00' };
    const given = { ip_allowlist: null, time_window: { ...window, timezone: null, days: null } };
    const { policy } = await create(alice, { conditionsJson: JSON.stringify(given) });
    expect(JSON.parse(policy!.conditionsJson)).toEqual({ time_window: window });
  });

  it.each<[Partial<CreatePolicyRequest>, string]>([
    [{ secretPathPattern: 'a//b' }, 'secret_path_pattern'],
    [{ secretPathPattern: '' }, 'secret_path_pattern'],
    [{ principalType: 'group' }, 'principal_type'],
    [{ principalId: 'no-uuid' }, 'principal_id'],
    [{ permissions: [] }, 'permissions'],
    [{ permissions: ['read', 'admin'] }, 'permissions'],
    [{ conditionsJson: '{"mfa":true}' }, 'conditions.mfa'],
    [{ conditionsJson: '{"time_window":{"after":"09:00","before":"17:00","week":1}}' }, 'conditions.time_window.week'],
    [{ conditionsJson: '{"time_window":{"after":"9:00","before":"17:00"}}' }, 'conditions.time_window.after'],
    [{ conditionsJson: '{"time_window":{"after":"09:00"}}' }, 'conditions.time_window.before'],
    [
      { conditionsJson: '{"time_window":{"after":"09:00","before":"17:00","timezone":"Mars"}}' },
      'conditions.time_window.timezone',
    ],
    [
      { conditionsJson: '{"time_window":{"after":"09:00","before":"17:00","days":["monday"]}}' },
      'conditions.time_window.days.0',
    ],
    [{ conditionsJson: '{"ip_allowlist":["10.0.0.0/8","10.0.0.0/33"]}' }, 'conditions.ip_allowlist.1'],
    [{ conditionsJson: '{"ip_allowlist":[]}' }, 'conditions.ip_allowlist'],
    [{ conditionsJson: '[]' }, 'conditions'],
    [{ conditionsJson: 'nonsense' }, 'conditions'],
  ])('is refused for %j', async (wrong, field) => {
    await expect(create(alice, wrong)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { [field]: expect.any(String) },
    });
  });

  it('needs a principal that auth-svc attests, of that type, id and org', async () => {
    const { orgId, id } = robot.caller;
    const wrong = [
      '',
      attestationOf(world.keys, { type: 'user', id, orgId }),
      attestationOf(world.keys, { type: 'agent', id: randomUUID(), orgId }),
      attestationOf(world.keys, { type: 'agent', id, orgId: randomUUID() }),
    ];
    for (const principalAttestation of wrong) {
      await expect(create(alice, { principalAttestation })).rejects.toMatchObject({
        code: 'invalid_argument',
        fields: { principal_id: expect.any(String) },
      });
    }
  });

  it('blames nobody for an attestation that is not auth-svc’s', async () => {
    for (const principalAttestation of ['nonsense', robot.item.assertion])
      await expect(create(alice, { principalAttestation })).rejects.toMatchObject({ code: 'internal' });
  });

  it.each(WRONG_CLOCKS)(
    'is not made while our clocks differ by %d s, and nobody is told of a principal that is not there',
    async (clockError) => {
      const principalAttestation = attestationOf(world.keys, robot.caller, clockError);
      await expect(create(alice, { principalAttestation })).rejects.toMatchObject({ code: 'unavailable' });
    },
  );

  it('is managed by the vault’s creator, owner and admin; the refusal comes before the look at the principal', async () => {
    const { orgId } = alice.caller;
    const admin = person(world.keys, { orgId, role: 'admin' });
    const bob = member(world.keys, orgId);
    await grant(world, world.keys, alice, vaultId, bob);
    const refused = { code: 'permission_denied' };

    await expect(create(bob, { principalAttestation: '' })).rejects.toMatchObject(refused);
    await expect(create(robot)).rejects.toMatchObject(refused);
    await expect(world.policies.listPolicies({ vaultId }, bob.call)).rejects.toMatchObject(refused);
    await expect(create(owner(world.keys), { principalAttestation: '' })).rejects.toMatchObject({ code: 'not_found' });
    const { policy } = await create(admin);
    const ids = { vaultId, policyId: policy!.id };
    await expect(world.policies.updatePolicy({ ...ids, permissions: ['write'] }, bob.call)).rejects.toMatchObject(
      refused,
    );
    await expect(world.policies.deletePolicy(ids, bob.call)).rejects.toMatchObject(refused);
    const other = await createVault(world, alice);
    const misplaced = world.policies.deletePolicy({ ...ids, vaultId: other.id }, alice.call);
    await expect(misplaced).rejects.toMatchObject({ code: 'not_found' });
  });

  it('lists in pages, oldest first', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.push((await create(alice)).policy!.id);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await world.policies.listPolicies({ vaultId, page: { limit: 2, cursor } }, alice.call);
      seen.push(...page.policies.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(seen).toEqual(ids);
  });

  it('leaves an event of every change and refusal', async () => {
    const bob = member(world.keys, alice.caller.orgId);
    const { policy } = await create(alice, { permissions: ['read'] });
    const ids = { vaultId, policyId: policy!.id };
    await world.policies.updatePolicy({ ...ids, permissions: ['write'] }, alice.call);
    await expect(world.policies.deletePolicy(ids, bob.call)).rejects.toThrow();
    await world.policies.deletePolicy(ids, alice.call);

    const { orgId } = alice.caller;
    const seen = async (action: string) =>
      (await eventsOf(world.owner, orgId, action)).map(({ resourceId, details }) => [resourceId, details]);
    const about = { vault_id: vaultId, principal_type: 'agent', principal_id: robot.caller.id };
    expect(await seen('policy.create')).toMatchObject([[policy!.id, { ...about, permissions: ['read'] }]]);
    expect(await seen('policy.update')).toMatchObject([[policy!.id, { ...about, permissions: ['write'] }]]);
    expect(await seen('policy.delete')).toMatchObject([
      [vaultId, { policy_id: policy!.id, outcome: 'denied' }],
      [policy!.id, { ...about, permissions: ['write'] }],
    ]);
  });
});
