import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { SignUpRequest } from '@oneclaw/contracts/auth';
import { eventually, startNats, type TestNats } from '@oneclaw/testing';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { FakeSmtp } from '../testing/fake-smtp.js';
import { invite, logIn, newMember, rolesOf, signUpVerified } from '../testing/orgs.js';
import { anonymous, createAgent, type Human, human, PASSWORD, signUp } from '../testing/people.js';

let nats: TestNats;
let smtp: FakeSmtp;
let world: AuthWorld;
beforeAll(async () => {
  nats = await startNats();
  smtp = await FakeSmtp.start();
  world = await startAuthWorld({ natsUrl: nats.url, SMTP_URL: smtp.url });
});
afterAll(async () => {
  await world.close();
  await smtp.close();
  await nats.dispose();
});

const newAddress = () => `${randomUUID()}@example.com`;

/** From the newest mail to the address. */
async function mailedToken(email: string, mails = 1): Promise<string> {
  return eventually(() => {
    expect(smtp.mailsTo(email)).toHaveLength(mails);
    const [, token] = /Invitation token: ([\w-]{43})\n/.exec(smtp.mailsTo(email).at(-1)!.source) ?? [];
    expect(token).toBeDefined();
    return token as string;
  });
}

const join = (fields: Partial<SignUpRequest>) =>
  world.accounts.signUp({ password: PASSWORD, ...fields } as SignUpRequest, anonymous());

async function accountsOf(email: string): Promise<number> {
  return (await world.owner.query('SELECT 1 FROM users WHERE email = $1', [email])).rows.length;
}

const refusedToken = {
  code: 'invalid_argument',
  fields: { invite_token: 'is not a valid invitation for this address' },
};

describe('an invitation', () => {
  it('is mailed with its token, which stands nowhere else, and is in the trail', async () => {
    const owner = await signUp(world);
    const email = newAddress();
    const invitation = await invite(world, owner, ` ${email} `, 'admin');
    expect(invitation).toMatchObject({ email, role: 'admin', invitedBy: owner.id });
    expect(invitation.id).toMatch(/^[0-9a-f-]{14}4/);
    const days = (invitation.expiresAt!.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThanOrEqual(7);
    const token = await mailedToken(email);
    expect(smtp.mailsTo(email)[0]!.source).toContain(owner.email);
    const { audit, raw } = await recordedEvents(world.owner);
    expect(audit.filter(({ action, orgId }) => action === 'org.invite' && orgId === owner.orgId)).toMatchObject([
      { actorId: owner.id, resourceType: 'invitation', resourceId: invitation.id, details: { email, role: 'admin' } },
    ]);
    expect(raw.includes(token)).toBe(false);
    const { rows } = await world.owner.query('SELECT i::text AS row FROM org_invitations i');
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('is taken up by signing up with its token, which also verifies the address', async () => {
    const owner = await signUp(world);
    const email = newAddress();
    await invite(world, owner, email, 'admin');
    const token = await mailedToken(email);
    const answer = await join({ email: email.toUpperCase(), inviteToken: token, displayName: 'Ada' });
    expect(answer.joined).toBe(true);
    const ada = await human(world, answer.token!.accessToken);
    expect(ada.orgId).toBe(owner.orgId);
    expect(await rolesOf(world, owner)).toEqual({ [owner.id]: 'owner', [ada.id]: 'admin' });
    expect((await world.accounts.getProfile({}, ada.call)).profile).toMatchObject({
      emailVerified: true,
      role: 'admin',
      displayName: 'Ada',
    });
    expect(smtp.mailsTo(email)).toHaveLength(1);
    const { audit, identity } = await recordedEvents(world.owner);
    expect(identity.filter(({ subjectId }) => subjectId === ada.id).map(({ kind, orgId }) => [kind, orgId])).toEqual([
      ['user.created', owner.orgId],
      ['user.joined', owner.orgId],
      ['user.email_verified', owner.orgId],
    ]);
    expect(audit.filter(({ actorId }) => actorId === ada.id).map(({ action, details }) => [action, details])).toEqual([
      ['org.join', { role: 'admin', invited_by: owner.id }],
      ['auth.success', { method: 'signup' }],
    ]);
    expect((await world.invitations.listInvitations({}, owner.call)).invitations).toEqual([]);
    await expect(join({ email, inviteToken: token })).rejects.toMatchObject(refusedToken);
  });

  it('makes one account of twenty parallel sign-ups', async () => {
    const owner = await signUp(world);
    const email = newAddress();
    await invite(world, owner, email);
    const inviteToken = await mailedToken(email);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        join({ email, inviteToken }).then(
          () => 'ok',
          ({ code }: { code: string }) => code,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(new Set(outcomes)).not.toContain('internal');
    expect(Object.keys(await rolesOf(world, owner))).toHaveLength(2);
  });

  it.each<[string, (token: string, email: string) => Partial<SignUpRequest>]>([
    ['with a token that is none', (_token, email) => ({ email, inviteToken: 'no-such-token' })],
    ['with an empty token', (_token, email) => ({ email, inviteToken: '' })],
    ['with another address', (token) => ({ email: newAddress(), inviteToken: token })],
  ])('is not taken up %s: nothing is created, and it goes on to wait', async (_what, fieldsOf) => {
    const owner = await signUp(world);
    const email = newAddress();
    await invite(world, owner, email);
    const token = await mailedToken(email);
    const fields = fieldsOf(token, email);
    await expect(join(fields)).rejects.toMatchObject(refusedToken);
    expect(await accountsOf(fields.email as string)).toBe(0);
    expect((await join({ email, inviteToken: token })).joined).toBe(true);
  });

  it('ends after a week', async () => {
    const owner = await signUp(world);
    const email = newAddress();
    const { id } = await invite(world, owner, email);
    const inviteToken = await mailedToken(email);
    await world.owner.query('UPDATE org_invitations SET expires_at = now() WHERE id = $1', [id]);
    await expect(join({ email, inviteToken })).rejects.toMatchObject(refusedToken);
    expect((await world.invitations.listInvitations({}, owner.call)).invitations).toEqual([]);
    await expect(world.invitations.revokeInvitation({ invitationId: id }, owner.call)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('takes the place of the one before', async () => {
    const owner = await signUp(world);
    const email = newAddress();
    await invite(world, owner, email, 'admin');
    const first = await mailedToken(email);
    await invite(world, owner, email, 'member');
    const second = await mailedToken(email, 2);
    expect((await world.invitations.listInvitations({}, owner.call)).invitations).toMatchObject([{ role: 'member' }]);
    await expect(join({ email, inviteToken: first })).rejects.toMatchObject(refusedToken);
    await join({ email, inviteToken: second });
    expect(Object.values(await rolesOf(world, owner)).sort()).toEqual(['member', 'owner']);
  });

  it('can be revoked, by managers of its org', async () => {
    const [owner, stranger] = [await signUp(world), await signUp(world)];
    const member = await newMember(world, owner);
    const email = newAddress();
    const { id: invitationId } = await invite(world, owner, email);
    const inviteToken = await mailedToken(email);
    const revoke = (by: Human) => world.invitations.revokeInvitation({ invitationId }, by.call);
    await expect(revoke(stranger)).rejects.toMatchObject({ code: 'not_found' });
    await expect(revoke(member)).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(world.invitations.listInvitations({}, member.call)).rejects.toMatchObject({
      code: 'permission_denied',
    });
    await revoke(owner);
    await expect(revoke(owner)).rejects.toMatchObject({ code: 'not_found' });
    await expect(join({ email, inviteToken })).rejects.toMatchObject(refusedToken);
  });

  it('to the role of an owner comes from an owner', async () => {
    const owner = await signUp(world);
    const admin = await newMember(world, owner, 'admin');
    const member = await newMember(world, owner);
    const denied = { code: 'permission_denied' };
    await expect(invite(world, member, newAddress())).rejects.toMatchObject(denied);
    await expect(invite(world, admin, newAddress(), 'owner')).rejects.toMatchObject(denied);
    await invite(world, admin, newAddress(), 'admin');
    await invite(world, owner, newAddress(), 'owner');
  });

  it.each([
    ['not-an-address', 'member', 'email'],
    ['a@example.com', 'boss', 'role'],
  ])('to %s as %s is not valid', async (email, role, field) => {
    const owner = await signUp(world);
    await expect(world.invitations.invite({ email, role }, owner.call)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { [field]: expect.any(String) },
    });
  });

  it('is refused to a member, and to an account in another org that is used', async () => {
    const owner = await signUp(world);
    const member = await newMember(world, owner);
    const [withAgent, withVault, withMember, empty] = [
      await signUpVerified(world),
      await signUpVerified(world),
      await signUpVerified(world),
      await signUpVerified(world),
    ];
    await createAgent(world, withAgent);
    world.vault.orgs.orgsWithVaults.add(withVault.orgId);
    const inOtherOrg = await newMember(world, withMember);
    for (const { email } of [member, owner, withAgent, withVault, withMember, inOtherOrg])
      await expect(invite(world, owner, email)).rejects.toMatchObject({ code: 'conflict' });
    await invite(world, owner, empty.email);
  });

  it('is refused while vault-svc does not say whether the other org is used', async () => {
    const [owner, other] = [await signUp(world), await signUp(world)];
    world.vault.orgs.broken = true;
    await expect(invite(world, owner, other.email)).rejects.toMatchObject({ code: 'unavailable' });
    world.vault.orgs.broken = false;
    await invite(world, owner, other.email);
  });

  it('reaches one address ten times an hour at most, however many orgs invite', async () => {
    const email = newAddress();
    const owners = [await signUp(world), await signUp(world)];
    const outcomes = await Promise.all(
      Array.from({ length: 14 }, (_, index) =>
        invite(world, owners[index % 2]!, email).then(
          () => 'ok',
          ({ code }: { code: string }) => code,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === 'rate_limited')).toHaveLength(4);
    await invite(world, owners[0]!, newAddress());
  });

  it('of somebody who deletes their account ends with it', async () => {
    const owner = await signUp(world);
    const second = await newMember(world, owner, 'owner');
    await invite(world, second, newAddress());
    await world.profiles.deleteAccount({ confirmation: 'DELETE MY ACCOUNT' }, second.call);
    expect((await world.invitations.listInvitations({}, owner.call)).invitations).toEqual([]);
  });

  it('does not let an address be verified by a login', async () => {
    const owner = await signUp(world);
    const someone = await signUp(world);
    await invite(world, owner, someone.email);
    expect((await logIn(world, someone)).orgId).toBe(someone.orgId);
  });
});
