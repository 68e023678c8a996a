import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@oneclaw/caller';
import { createKey } from '../testing/api-keys.js';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { invite, logIn, newMember, rolesOf } from '../testing/orgs.js';
import { createAgent, exchangeKey, type Human, human, refusalOf, signUp } from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

const change = (by: Human, { id: userId }: { id: string }, role: Role) =>
  world.orgMembers.changeRole({ userId, role }, by.call);
const remove = (by: Human, { id: userId }: { id: string }) => world.orgMembers.removeMember({ userId }, by.call);
const codeOf = (error: { code: string }) => error.code;

async function auditOf(orgId: string, action: string) {
  return (await recordedEvents(world.owner)).audit.filter((event) => event.orgId === orgId && event.action === action);
}

async function identityOf(subjectId: string) {
  const { identity } = await recordedEvents(world.owner);
  return identity.filter((event) => event.subjectId === subjectId).map(({ orgId, kind }) => [kind, orgId]);
}

describe('the members of an org', () => {
  it('are told with what they are, a page at a time if so wanted', async () => {
    const owner = await signUp(world);
    const others = [await newMember(world, owner, 'admin'), await newMember(world, owner)];
    const all = (await world.orgMembers.listMembers({}, owner.call)).members;
    expect(all.map(({ id }) => id).sort()).toEqual([owner, ...others].map(({ id }) => id).sort());
    expect(all.find(({ id }) => id === others[0]!.id)).toMatchObject({
      email: others[0]!.email,
      role: 'admin',
      authMethod: 'password',
    });
    const first = await world.orgMembers.listMembers({ page: { limit: 2 } }, owner.call);
    const second = await world.orgMembers.listMembers({ page: { limit: 2, cursor: first.nextCursor } }, owner.call);
    expect([...first.members, ...second.members]).toEqual(all);
    expect(second.nextCursor).toBe('');
  });

  it('are no business of a member, which the trail shows', async () => {
    const owner = await signUp(world);
    const member = await newMember(world, owner);
    await expect(world.orgMembers.listMembers({}, member.call)).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(change(member, owner, 'member')).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(remove(member, owner)).rejects.toMatchObject({ code: 'permission_denied' });
    for (const action of ['org.list', 'org.role', 'org.remove']) {
      expect(await auditOf(owner.orgId, action)).toMatchObject([
        { actorId: member.id, details: { outcome: 'denied', reason: expect.any(String) } },
      ]);
    }
  });

  it('of another org do not exist', async () => {
    const [owner, stranger] = [await signUp(world), await signUp(world)];
    await expect(change(stranger, owner, 'member')).rejects.toMatchObject({ code: 'not_found' });
    await expect(remove(stranger, owner)).rejects.toMatchObject({ code: 'not_found' });
    await expect(remove(stranger, { id: 'x' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a change of role', () => {
  it('acts on the sessions that there are, and is in the trail once', async () => {
    const owner = await signUp(world);
    const member = await newMember(world, owner);
    expect((await change(owner, member, 'admin')).member).toMatchObject({ id: member.id, role: 'admin' });
    await change(owner, member, 'admin');
    expect(await refusalOf(world, member.token)).toBe('');
    expect(await rolesOf(world, await human(world, member.token))).toMatchObject({ [member.id]: 'admin' });
    const { rows } = await world.owner.query('SELECT 1 FROM session_invalidations WHERE key = $1', [
      `user:${member.id}`,
    ]);
    // One of the join, one of the change.
    expect(rows).toHaveLength(2);
    expect(await auditOf(owner.orgId, 'org.role')).toMatchObject([
      { actorId: owner.id, resourceId: member.id, details: { from: 'member', to: 'admin' } },
    ]);
  });

  it('is decided by what the caller is now, whatever the assertion says', async () => {
    const owner = await signUp(world);
    const admin = await newMember(world, owner, 'admin');
    const member = await newMember(world, owner);
    await change(owner, admin, 'member');
    await expect(change(admin, member, 'admin')).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(invite(world, admin, 'somebody@example.com')).rejects.toMatchObject({ code: 'permission_denied' });
    await remove(owner, admin);
    await expect(change(admin, member, 'admin')).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('of two owners who demote each other at once: one does, over two replicas', async () => {
    const replica = await world.startReplica();
    for (let round = 0; round < 10; round += 1) {
      const one = await signUp(world);
      const other = await newMember(world, one, 'owner');
      const outcomes = await Promise.all([
        change(one, other, 'member').then(() => 'ok', codeOf),
        replica.orgMembers.changeRole({ userId: one.id, role: 'admin' }, other.call).then(() => 'ok', codeOf),
      ]);
      expect(outcomes.sort()).toEqual(['ok', 'permission_denied']);
      const owners = `SELECT 1 FROM memberships WHERE org_id = $1 AND role = 'owner'`;
      expect((await world.owner.query(owners, [one.orgId])).rows).toHaveLength(1);
    }
  });

  it('of two owners who both step down at once: one stays', async () => {
    for (let round = 0; round < 10; round += 1) {
      const one = await signUp(world);
      const other = await newMember(world, one, 'owner');
      const outcomes = await Promise.all([
        change(one, one, 'admin').then(() => 'ok', codeOf),
        remove(other, other).then(() => 'ok', codeOf),
      ]);
      expect(outcomes.sort()).toEqual(['conflict', 'ok']);
    }
  });

  it('voids the invitations that the member may not make any more', async () => {
    const owner = await signUp(world);
    const second = await newMember(world, owner, 'owner');
    await invite(world, second, 'an-owner@example.com', 'owner');
    await invite(world, second, 'an-admin@example.com', 'admin');
    const waiting = async () =>
      (await world.invitations.listInvitations({}, owner.call)).invitations.map(({ email }) => email);
    await change(owner, second, 'admin');
    expect(await waiting()).toEqual(['an-admin@example.com']);
    await change(owner, second, 'member');
    expect(await waiting()).toEqual([]);
  });
});

describe('a member who is removed', () => {
  it('has an empty org of their own, and nothing that opens the other one', async () => {
    const owner = await signUp(world);
    const member = await newMember(world, owner, 'admin');
    const { apiKey } = await createKey(world, member);
    const agent = await createAgent(world, member);
    await invite(world, member, 'a-friend@example.com');
    await remove(owner, member);

    expect(await refusalOf(world, member.token)).toBe('not_a_member');
    expect(await refusalOf(world, apiKey)).toMatch(/^api_key_/);
    expect(await exchangeKey(world, agent.apiKey)).toBeDefined();
    expect((await world.invitations.listInvitations({}, owner.call)).invitations).toEqual([]);

    const now = await logIn(world, member);
    expect(now.orgId).not.toBe(owner.orgId);
    expect(await rolesOf(world, now)).toEqual({ [member.id]: 'owner' });
    expect((await world.agents.listAgents({}, now.call)).agents).toEqual([]);
    expect((await world.apiKeys.listApiKeys({}, now.call)).keys).toEqual([]);
    expect(await rolesOf(world, owner)).toEqual({ [owner.id]: 'owner' });

    expect(await identityOf(member.id)).toContainEqual(['user.removed', owner.orgId]);
    expect(await identityOf(now.orgId)).toEqual([['org.created', now.orgId]]);
    expect(await auditOf(owner.orgId, 'org.remove')).toMatchObject([
      { actorId: owner.id, resourceId: member.id, details: { role: 'admin' } },
    ]);
  });

  it('does not come back with old tokens or keys when they are invited again', async () => {
    const owner = await signUp(world);
    const member = await newMember(world, owner);
    const { apiKey } = await createKey(world, member);
    await remove(owner, member);
    await invite(world, owner, member.email);
    const back = await logIn(world, member);
    expect(back.orgId).toBe(owner.orgId);
    expect(await refusalOf(world, member.token)).toBe('credentials_changed');
    expect(await refusalOf(world, apiKey)).toBe('api_key_unknown_key');
  });

  it('does not come back with an invitation from before', async () => {
    const owner = await signUp(world);
    const member = await newMember(world, owner);
    // As one that was under way when the member joined.
    await world.owner.query(
      `INSERT INTO org_invitations (id, org_id, email, email_canonical, role, token_hash, invited_by, expires_at)
       SELECT gen_random_uuid(), $1, email, email_canonical, 'admin', sha256($2::bytea), $3, now() + interval '1 day'
         FROM users WHERE id = $4`,
      [owner.orgId, member.id, owner.id, member.id],
    );
    await remove(owner, member);
    expect((await logIn(world, member)).orgId).not.toBe(owner.orgId);
  });

  it('is removed once by twenty who do it at the same time', async () => {
    const owner = await signUp(world);
    const member = await newMember(world, owner);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => remove(owner, member).then(() => 'ok', codeOf)),
    );
    expect(outcomes.sort()).toEqual([...Array.from({ length: 19 }, () => 'not_found'), 'ok']);
    const { rows } = await world.owner.query('SELECT 1 FROM memberships WHERE user_id = $1', [member.id]);
    expect(rows).toHaveLength(1);
  });

  it('may be the owner who leaves, unless it is the last one', async () => {
    const owner = await signUp(world);
    await expect(remove(owner, owner)).rejects.toMatchObject({ code: 'conflict' });
    await newMember(world, owner, 'owner');
    await remove(owner, owner);
    expect((await logIn(world, owner)).orgId).not.toBe(owner.orgId);
  });
});
