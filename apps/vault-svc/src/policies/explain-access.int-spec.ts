import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExplainAccessRequest } from '@oneclaw/contracts/vault';
import { eventsOf } from '../testing/events.js';
import {
  agent,
  attestationOf,
  factsOf,
  from,
  IP,
  member,
  owner,
  person,
  type Person,
  WRONG_CLOCKS,
} from '../testing/people.js';
import { createVault, grant, list, put, read, remove } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let alice: Person;
let robot: Person;
let vaultId: string;

beforeAll(async () => {
  world = await startVaultWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  alice = owner(world.keys);
  robot = agent(world.keys, alice.caller.orgId);
  vaultId = (await createVault(world, alice)).id;
  await put(world, alice, vaultId, 'db/password', 'x');
});

const ask = (who: Person, about: Person, overrides: Partial<ExplainAccessRequest> = {}) =>
  world.policies.explainAccess(
    {
      vaultId,
      principalType: about.caller.type,
      principalId: about.caller.id,
      principalAttestation: attestationOf(world.keys, about.caller),
      principalFacts: factsOf(world.keys, about),
      path: 'db/password',
      permission: 'read',
      ipAddress: IP,
      ...overrides,
    },
    who.call,
  );
const inVault = (who: Person, pattern = '**', permissions = ['read']) =>
  grant(world, world.keys, alice, vaultId, who, { pattern, permissions });

describe('an explanation of access', () => {
  it('names the policy that allows it', async () => {
    await inVault(robot, 'x/*');
    const { id } = await inVault(robot, 'db/*');
    expect(await ask(alice, robot)).toMatchObject({
      allowed: true,
      layer: 'policy',
      reason: 'policy',
      policyId: id,
      policies: [
        { policyId: id, secretPathPattern: 'db/*', mismatches: [] },
        { secretPathPattern: 'x/*', mismatches: [{ check: 'pattern' }] },
      ],
      policiesOmitted: 0,
    });
  });

  it('says of each policy what keeps it from allowing it, the nearest one first', async () => {
    const expiresAt = new Date('2026-01-01T00:00:00Z');
    await inVault(robot, 'x/*', ['write']);
    await grant(world, world.keys, alice, vaultId, robot, { expiresAt });
    const conditions = { ip_allowlist: ['10.0.0.0/8'], time_window: { after: '09:00', before: '10:00' } };
    await grant(world, world.keys, alice, vaultId, robot, { conditions });
    const at = new Date('2026-03-02T12:00:00Z');

    const { allowed, layer, reason, policyId, policies, ...rest } = await ask(alice, robot, { at, ipAddress: '' });

    expect({ allowed, layer, reason, policyId, at: rest.at }).toEqual({
      allowed: false,
      layer: 'default_deny',
      reason: 'ip_not_allowed',
      policyId: '',
      at,
    });
    expect(policies.map(({ mismatches }) => mismatches)).toEqual([
      [
        { check: 'ip_allowlist', detail: 'It has an ip_allowlist, and no address was asked about.' },
        { check: 'time_window', detail: 'Its time_window is not open at 2026-03-02T12:00:00.000Z.' },
      ],
      [{ check: 'expired', detail: 'It expired at 2026-01-01T00:00:00.000Z.' }],
      [
        { check: 'pattern', detail: 'Its pattern "x/*" does not match the path.' },
        { check: 'permission', detail: 'It gives write, and not read.' },
      ],
    ]);
  });

  it('names the layer that decides before any policy, with what bounds the principal now', async () => {
    await inVault(robot);
    const stated = async (bounds: object) => {
      const principalFacts = factsOf(world.keys, robot, bounds);
      const { allowed, layer, reason } = await ask(alice, robot, { principalFacts });
      return [allowed, layer, reason];
    };
    expect(await stated({ vaultIds: [randomUUID()] })).toEqual([false, 'vault_binding', 'vault_not_bound']);
    expect(await stated({ vaultIds: [vaultId], pathScopes: ['db/*'] })).toEqual([true, 'policy', 'policy']);
    expect(await stated({ pathScopes: ['app/**'] })).toEqual([false, 'scope', 'outside_scope']);
    expect(await ask(alice, alice, { permission: 'delete' })).toMatchObject({
      allowed: true,
      layer: 'owner',
      reason: 'creator',
    });
    expect(await ask(alice, robot, { principalFacts: '' })).toMatchObject({
      allowed: false,
      layer: 'principal',
      reason: 'principal_inactive',
    });
    const admin = person(world.keys, { orgId: alice.caller.orgId, role: 'admin' });
    expect(await ask(alice, admin)).toMatchObject({ allowed: false, layer: 'default_deny', reason: 'no_policy' });
  });

  it('notes that an agent of the Intents API reads no signing keys', async () => {
    await inVault(robot, '**', ['read', 'write']);
    const principalFacts = factsOf(world.keys, robot, { intentsEnabled: true });
    expect((await ask(alice, robot, { principalFacts })).notes).toEqual([expect.stringContaining('private_key')]);
    expect((await ask(alice, robot, { principalFacts, permission: 'write' })).notes).toEqual([]);
    expect((await ask(alice, robot)).notes).toEqual([]);
  });

  it('agrees with what then happens', async () => {
    const bob = member(world.keys, alice.caller.orgId);
    const bound = agent(world.keys, alice.caller.orgId, { vaultIds: [randomUUID()] });
    const scoped = agent(world.keys, alice.caller.orgId, { pathScopes: ['db/*'] });
    for (const who of [robot, bob, bound]) await inVault(who, 'db/**', ['read']);
    await inVault(scoped, '**', ['write']);
    await grant(world, world.keys, alice, vaultId, bob, {
      pattern: 'app/*',
      permissions: ['write'],
      conditions: { ip_allowlist: ['198.51.100.0/24'] },
    });
    for (const who of [alice, bob, robot, bound, scoped, from(bob, '198.51.100.7')]) {
      for (const path of ['db/password', 'app/key']) {
        const allowed = async (permission: string) =>
          (await ask(alice, who, { path, permission, ipAddress: who.item.ipAddress })).allowed;
        const explained = [await allowed('read'), await allowed('write'), await allowed('delete')];
        const answer = await read(world, who, vaultId, path);
        const written = await put(world, who, vaultId, path, 'v');
        const deleted = await remove(world, who, vaultId, path).then(
          () => true,
          ({ code }: { code: string }) => code !== 'permission_denied',
        );
        expect([who.caller.type, path, ...explained]).toEqual([
          who.caller.type,
          path,
          answer.error?.code !== 'permission_denied',
          written.error?.code !== 'permission_denied',
          deleted,
        ]);
        await put(world, alice, vaultId, path, 'v');
        const listed = await list(world, who, vaultId).catch(() => []);
        expect(listed.some((secret) => secret.path === path)).toBe(explained[0]);
      }
    }
  });

  it('is for the vault’s creator, owner and admin; another org does not find the vault', async () => {
    const { orgId } = alice.caller;
    const bob = member(world.keys, orgId);
    await inVault(bob);
    await expect(ask(bob, robot)).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(ask(robot, robot)).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(ask(owner(world.keys), robot)).rejects.toMatchObject({ code: 'not_found' });
    expect(await ask(person(world.keys, { orgId, role: 'admin' }), robot)).toMatchObject({ allowed: false });
    const refusals = await eventsOf(world.owner, orgId, 'policy.explain');
    expect(refusals.map(({ resourceId, details }) => [resourceId, details])).toEqual([
      [
        vaultId,
        {
          vault_id: vaultId,
          principal_type: 'agent',
          principal_id: robot.caller.id,
          path: 'db/password',
          outcome: 'denied',
          reason: 'not_manager',
        },
      ],
    ]);
  });

  it.each<[string, Partial<ExplainAccessRequest>]>([
    ['principal_type', { principalType: 'group' }],
    ['principal_id', { principalId: 'no-uuid' }],
    ['principal_id', { principalAttestation: '' }],
    ['path', { path: 'a//b' }],
    ['path', { path: '' }],
    ['path', { path: 'a/*' }],
    ['permission', { permission: 'admin' }],
    ['permission', { permission: '' }],
    ['ip', { ipAddress: '10.0.0.0/8' }],
  ])('is refused for a bad %s: %j', async (field, wrong) => {
    await expect(ask(alice, robot, wrong)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { [field]: expect.any(String) },
    });
  });

  it('believes no facts but auth-svc’s, about this principal', async () => {
    const other = agent(world.keys, alice.caller.orgId);
    const wrong = [
      'nonsense',
      factsOf(world.keys, other),
      factsOf(world.keys, robot, { orgId: randomUUID() }),
      attestationOf(world.keys, robot.caller),
    ];
    for (const principalFacts of wrong)
      await expect(ask(alice, robot, { principalFacts })).rejects.toMatchObject({ code: 'internal' });
  });

  it.each(WRONG_CLOCKS)('answers nothing while the clocks of our services differ by %d s', async (clockError) => {
    const misdated = [
      { principalFacts: factsOf(world.keys, robot, {}, clockError) },
      { principalAttestation: attestationOf(world.keys, robot.caller, clockError) },
    ];
    for (const statement of misdated)
      await expect(ask(alice, robot, statement)).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
  });
});
