import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import { createKey, keyCall } from '../testing/api-keys.js';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { newMember, platformAdmin, rolesOf } from '../testing/orgs.js';
import { createAgent, exchangeKey, type Human, human, refusalOf, signUp } from '../testing/people.js';

let world: AuthWorld;
let admin: Human;
beforeAll(async () => {
  world = await startAuthWorld();
  admin = await platformAdmin(world);
});
afterAll(() => world.close());

const put = (key: string, value: string, by = admin) => world.platform.putSetting({ key, value }, by.call);
const remove = ({ id: userId }: { id: string }, by = admin) => world.platform.deleteUser({ userId }, by.call);
const state = () => world.platformState.getPlatformState({}, { requestId: 'x' });

async function auditOf(orgId: string, action: string) {
  return (await recordedEvents(world.owner)).audit.filter((event) => event.orgId === orgId && event.action === action);
}

const exists = async (table: 'users' | 'orgs', id: string) =>
  (await world.owner.query(`SELECT 1 FROM ${table} WHERE id = $1`, [id])).rows.length > 0;

describe('settings', () => {
  it('are kept, with who set them when, and told to gateways', async () => {
    const before = Date.now() - 1000;
    const { setting } = await put('a.key_1', 'anything');
    expect(setting).toMatchObject({ key: 'a.key_1', value: 'anything', updatedBy: admin.id });
    expect(setting!.updatedAt!.getTime()).toBeGreaterThan(before);
    await put('a.key_1', 'something else');
    expect((await world.platform.listSettings({}, admin.call)).settings).toMatchObject([{ value: 'something else' }]);
    await world.platform.deleteSetting({ key: 'a.key_1' }, admin.call);
    await expect(world.platform.deleteSetting({ key: 'a.key_1' }, admin.call)).rejects.toMatchObject({
      code: 'not_found',
    });
    const { rows } = await world.owner.query(`SELECT 1 FROM session_invalidations WHERE key = 'platform:state'`);
    expect(rows).toHaveLength(3);
    const changes = await auditOf(PLATFORM_ORG_ID, 'admin.set_setting');
    expect(changes).toMatchObject([{ actorId: admin.id, resourceId: 'a.key_1', details: {} }, {}]);
    expect(await auditOf(PLATFORM_ORG_ID, 'admin.delete_setting')).toHaveLength(1);
  });

  it('that are known have values that are known', async () => {
    expect(await state()).toEqual({ maintenance: false, requireSimulation: false });
    for (const key of ['maintenance_mode', 'intents_api.require_simulation']) {
      for (const value of ['', 'TRUE', 'yes', '1']) {
        await expect(put(key, value)).rejects.toMatchObject({ fields: { value: 'must be "true" or "false"' } });
      }
    }
    await put('maintenance_mode', 'true');
    expect(await state()).toEqual({ maintenance: true, requireSimulation: false });
    await put('maintenance_mode', 'false');
    await put('intents_api.require_simulation', 'true');
    expect(await state()).toEqual({ maintenance: false, requireSimulation: true });
    await world.platform.deleteSetting({ key: 'intents_api.require_simulation' }, admin.call);
    expect(await state()).toEqual({ maintenance: false, requireSimulation: false });
  });

  it.each(['', 'Upper', 'a-b', 'a b', 'x'.repeat(129), 'é'])('have no key like %j', async (key) => {
    await expect(put(key, 'v')).rejects.toMatchObject({ fields: { key: expect.any(String) } });
    await expect(world.platform.deleteSetting({ key }, admin.call)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('have values of a bounded size', async () => {
    await expect(put('a', 'x'.repeat(4097))).rejects.toMatchObject({ fields: { value: expect.any(String) } });
  });
});

describe('what only those may do who run the installation', () => {
  it('is refused to owners of other orgs, to members of the platform org and to scoped keys, and that is in their trail', async () => {
    const stranger = await signUp(world);
    const member = await newMember(world, admin);
    const call = await keyCall(world, (await createKey(world, admin, { scopes: ['app/**'] })).apiKey);
    for (const by of [stranger, member, { ...admin, call }]) {
      const denied = { code: 'permission_denied' };
      await expect(put('a', 'v', by)).rejects.toMatchObject(denied);
      await expect(world.platform.listSettings({}, by.call)).rejects.toMatchObject(denied);
      await expect(world.platform.deleteSetting({ key: 'a' }, by.call)).rejects.toMatchObject(denied);
      await expect(world.platform.listUsers({ limit: 1 }, by.call)).rejects.toMatchObject(denied);
      await expect(remove(stranger, by)).rejects.toMatchObject(denied);
      await expect(world.platform.findOrg({ orgId: stranger.orgId }, by.call)).rejects.toMatchObject(denied);
    }
    expect((await auditOf(stranger.orgId, 'admin.delete_user')).map(({ details }) => details['outcome'])).toEqual([
      'denied',
    ]);
    expect(await exists('users', stranger.id)).toBe(true);
  });

  it('is allowed to its admins, and to a key without scopes', async () => {
    const second = await newMember(world, admin, 'admin');
    await world.platform.listUsers({ limit: 1 }, second.call);
    await world.platform.listUsers({ limit: 1 }, await keyCall(world, (await createKey(world, admin)).apiKey));
  });
});

describe('users of the installation', () => {
  it('are listed newest first, with their orgs, a page at a time', async () => {
    const owner = await signUp(world);
    const member = await newMember(world, owner);
    const { users, total } = await world.platform.listUsers({ limit: 2 }, admin.call);
    expect(users).toMatchObject([
      { id: member.id, email: member.email, role: 'member', orgId: owner.orgId, orgName: owner.email },
      { id: owner.id, email: owner.email, role: 'owner', orgId: owner.orgId, authMethod: 'password' },
    ]);
    expect(total).toBeGreaterThan(2);
    expect((await world.platform.listUsers({ limit: 1, offset: 1 }, admin.call)).users).toEqual([users[1]]);
    expect((await world.platform.listUsers({ limit: 1, offset: 1_000_000 }, admin.call)).users).toEqual([]);
    for (const limit of [0, 501]) {
      await expect(world.platform.listUsers({ limit }, admin.call)).rejects.toMatchObject({ code: 'invalid_argument' });
    }
  });

  it('that are deleted take an org of their own along', async () => {
    const owner = await signUp(world);
    const { apiKey } = await createAgent(world, owner);
    await remove(owner);
    expect(await refusalOf(world, owner.token)).toBe('principal_gone');
    expect(await exchangeKey(world, apiKey)).toBeUndefined();
    expect(await exists('orgs', owner.orgId)).toBe(false);
    const { identity } = await recordedEvents(world.owner);
    expect(identity.filter(({ orgId, kind }) => orgId === owner.orgId && kind.endsWith('.deleted'))).toMatchObject([
      { kind: 'user.deleted' },
      { kind: 'org.deleted' },
    ]);
    expect((await auditOf(PLATFORM_ORG_ID, 'admin.delete_user')).at(-1)).toMatchObject({
      actorId: admin.id,
      resourceId: owner.id,
      details: { org_id: owner.orgId },
    });
    expect(await auditOf(owner.orgId, 'user.delete')).toMatchObject([{ actorType: 'system', resourceId: owner.id }]);
    await expect(remove(owner)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('leave an org that others are in with an owner: who has been admin, or there, longest', async () => {
    const owner = await signUp(world);
    const [member, admin1, admin2] = [
      await newMember(world, owner),
      await newMember(world, owner, 'admin'),
      await newMember(world, owner, 'admin'),
    ];
    await remove(owner);
    expect(await rolesOf(world, admin1)).toEqual({ [member.id]: 'member', [admin1.id]: 'owner', [admin2.id]: 'admin' });
    expect(await auditOf(owner.orgId, 'org.role')).toMatchObject([
      { actorType: 'system', resourceId: admin1.id, details: { from: 'admin', to: 'owner' } },
    ]);
    await remove(admin2);
    await remove(admin1);
    expect(await rolesOf(world, await human(world, member.token))).toEqual({ [member.id]: 'owner' });
  });

  it('are neither the caller, nor the last owner of the platform org', async () => {
    await expect(remove(admin)).rejects.toMatchObject({ code: 'conflict' });
    const second = await newMember(world, admin, 'admin');
    await expect(remove(admin, second)).rejects.toMatchObject({ code: 'conflict' });
    const third = await newMember(world, admin, 'owner');
    await remove(third, second);
    const deletion = world.profiles.deleteAccount({ confirmation: 'DELETE MY ACCOUNT' }, admin.call);
    await expect(deletion).rejects.toMatchObject({ code: 'conflict' });
    for (const userId of ['x', PLATFORM_ORG_ID]) {
      await expect(remove({ id: userId })).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it('of the platform org: of two owners who delete each other one stays', async () => {
    const [one, other] = [await newMember(world, admin, 'owner'), await newMember(world, admin, 'owner')];
    await world.owner.query(`UPDATE memberships SET role = 'admin' WHERE org_id = $1 AND user_id <> ALL($2::uuid[])`, [
      PLATFORM_ORG_ID,
      [one.id, other.id],
    ]);
    const codes = await Promise.all(
      [remove(other, one), remove(one, other)].map((each) =>
        each.then(
          () => 'ok',
          ({ code }: { code: string }) => code,
        ),
      ),
    );
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
    const owners = `SELECT 1 FROM memberships WHERE org_id = $1 AND role = 'owner'`;
    expect((await world.owner.query(owners, [PLATFORM_ORG_ID])).rows).toHaveLength(1);
    await world.owner.query(`UPDATE memberships SET role = 'owner' WHERE user_id = $1`, [admin.id]);
  });

  it('and their orgs are found by id', async () => {
    const owner = await signUp(world);
    expect(await world.platform.findOrg({ orgId: owner.orgId }, admin.call)).toEqual({
      orgId: owner.orgId,
      name: owner.email,
    });
    for (const orgId of ['x', owner.id]) {
      await expect(world.platform.findOrg({ orgId }, admin.call)).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});
