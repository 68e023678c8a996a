import { describe, expect, it } from '@jest/globals';
import type { Api } from './client.js';
import { invitationToken, mailsTo, verificationToken } from './mails.js';
import { by, trailWith } from './trail.js';
import type { Invitation, Profile, Signup, Token } from './types.js';
import {
  claimsOf,
  gateway,
  gateways,
  newAgent,
  newMember,
  newOwner,
  newVault,
  randomEmail,
  randomPassword,
  registerAgent,
  type Owner,
} from './world.js';

const invite = (by: Owner, email: unknown, role?: unknown) => by.api.post('/v1/org/invite', { email, role });
const signUp = (fields: Record<string, unknown>, at = gateway()) =>
  at.post('/v1/auth/signup', { password: randomPassword(), ...fields });
const waiting = async ({ api }: Owner): Promise<Invitation[]> =>
  (await api.get('/v1/org/invitations')).as<{ invitations: Invitation[] }>(200).invitations;
const profileOf = async (api: Api): Promise<Profile> => (await api.get('/v1/auth/me')).as<Profile>(200);

async function logIn({ email, password }: Owner, at = gateway()): Promise<Profile> {
  const { access_token } = (await at.post('/v1/auth/token', { email, password })).as<Token>(200);
  return profileOf(at.as(access_token));
}

/** Somebody whose address is verified. */
async function newVerified(): Promise<Owner> {
  const owner = await newOwner();
  const token = await verificationToken(owner.email);
  const { access_token } = (await gateway().post('/v1/auth/verify-email', { token })).as<Token>(200);
  return { ...owner, api: owner.api.as(access_token) };
}

describe('POST /v1/org/invite', () => {
  it('mails a token, and answers with a message and the address', async () => {
    const owner = await newOwner(gateway(), { display_name: 'Ada & Co' });
    const email = randomEmail();
    expect((await invite(owner, email)).as(200)).toMatchObject({ email, message: expect.any(String) });
    await invitationToken(email);
    const [mail] = await mailsTo(email);
    expect(mail?.subject).toBe('You are invited to Ada & Co');
    expect(mail?.text).toContain(owner.email);
    expect(mail?.text).toMatch(/Role: member/);
    expect(mail?.html).toContain('Ada &amp; Co');
    expect(await waiting(owner)).toMatchObject([{ email, role: 'member', invited_by: owner.id }]);
  });

  it('is for owners and admins; owners are invited by owners', async () => {
    const owner = await newOwner();
    const [admin, member] = [await newMember(owner, 'admin'), await newMember(owner)];
    (await invite(member, randomEmail())).refused(403);
    (await invite(admin, randomEmail(), 'owner')).refused(403);
    (await invite(admin, randomEmail(), 'admin')).as(200);
    (await invite(owner, randomEmail(), 'owner')).as(200);
    const events = await trailWith(owner.api, by('org.invite', owner.id), by('org.invite', admin.id));
    expect(events.filter(by('org.invite', member.id))).toMatchObject([{ details: { outcome: 'denied' } }]);
  });

  it.each([
    ['no-address', undefined, 'email'],
    [undefined, undefined, 'email'],
    [7, undefined, 'email'],
    ['a@example.com', 'boss', 'role'],
    ['a@example.com', 7, 'role'],
  ])('refuses %j as %j', async (email, role, field) => {
    (await invite(await newOwner(), email, role)).invalid(field);
  });

  it('takes null for the role as left out', async () => {
    const owner = await newOwner();
    (await invite(owner, randomEmail(), null)).as(200);
    expect(await waiting(owner)).toMatchObject([{ role: 'member' }]);
  });

  it('answers 409 for a member, and for an address in another org that is used', async () => {
    const owner = await newOwner();
    const member = await newMember(owner);
    const [withVault, withAgent, withMember] = [await newOwner(), await newOwner(), await newOwner()];
    await newVault(withVault);
    await registerAgent(withAgent);
    await newMember(withMember);
    for (const { email } of [member, owner, withVault, withAgent, withMember])
      for (const spelling of [email, ` ${email.toUpperCase()} `]) (await invite(owner, spelling)).refused(409);
    (await invite(owner, (await newOwner()).email)).as(200);
  });

  it('keeps one invitation of an address, whoever sends them at once', async () => {
    const owner = await newOwner();
    const admin = await newMember(owner, 'admin');
    const email = randomEmail();
    const answers = await Promise.all([owner, admin, owner, admin].map((each) => invite(each, email)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await waiting(owner)).toHaveLength(1);
  });
});

describe('signing up with an invite_token', () => {
  it('joins the org with the role of the invitation, and verifies the address', async () => {
    const owner = await newOwner();
    const email = randomEmail();
    (await invite(owner, email, 'admin')).as(200);
    const invite_token = await invitationToken(email);
    const answer = (await signUp({ email: email.toUpperCase(), invite_token })).as<Signup>(200);
    expect(answer.message).toMatch(/joined/);
    const claims = claimsOf(answer.access_token);
    expect(claims).toMatchObject({ org: owner.orgId, role: 'admin' });
    expect(await profileOf(gateway().as(answer.access_token))).toMatchObject({
      role: 'admin',
      org_id: owner.orgId,
      email_verified: true,
    });
    expect(await waiting(owner)).toEqual([]);
    const events = await trailWith(owner.api, by('org.join'));
    expect(events.filter(by('org.join'))).toMatchObject([
      { actor_id: claims.sub.replace('user:', ''), details: { role: 'admin', invited_by: owner.id } },
    ]);
  });

  it('is refused with a wrong token, or one for another address, and creates nothing', async () => {
    const owner = await newOwner();
    const [invited, other] = [randomEmail(), randomEmail()];
    (await invite(owner, invited)).as(200);
    const invite_token = await invitationToken(invited);
    (await signUp({ email: other, invite_token })).invalid('invite_token');
    (await signUp({ email: invited, invite_token: `${invite_token.slice(0, -1)}~` })).invalid('invite_token');
    (await signUp({ email: invited, invite_token: '' })).invalid('invite_token');
    (await signUp({ email: invited, invite_token: 7 })).invalid('invite_token');
    expect(await waiting(owner)).toHaveLength(1);
    const fresh = (await signUp({ email: other })).as<Signup>(200);
    expect(claimsOf(fresh.access_token)).toMatchObject({ role: 'owner' });
    (await signUp({ email: invited, invite_token })).as(200);
  });

  it('happens once of eight parallel tries through two gateways', async () => {
    const owner = await newOwner();
    const email = randomEmail();
    (await invite(owner, email)).as(200);
    const invite_token = await invitationToken(email);
    const at = gateways();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => signUp({ email, invite_token }, at[index % at.length])),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status !== 200).every((status) => status === 400 || status === 409)).toBe(true);
  });

  it('is 409 for an address that has an account', async () => {
    const [owner, someone] = [await newOwner(), await newOwner()];
    (await invite(owner, someone.email)).as(200);
    const invite_token = await invitationToken(someone.email);
    (await signUp({ email: someone.email, invite_token })).refused(409);
  });

  it('leads nowhere once the invitation is revoked, or replaced', async () => {
    const owner = await newOwner();
    const email = randomEmail();
    (await invite(owner, email)).as(200);
    const first = await invitationToken(email);
    (await invite(owner, email)).as(200);
    const second = await invitationToken(email, 2);
    (await signUp({ email, invite_token: first })).invalid('invite_token');
    const [invitation] = await waiting(owner);
    const url = `/v1/org/invitations/${invitation?.id}`;
    (await (await newOwner()).api.delete(url)).refused(404);
    (await (await newAgent(owner)).api.delete(url)).refused(403);
    (await owner.api.delete(url)).empty();
    (await owner.api.delete(url)).refused(404);
    (await signUp({ email, invite_token: second })).invalid('invite_token');
    await trailWith(owner.api, by('org.revoke_invite', owner.id));
  });
});

describe('an existing user who is invited', () => {
  it('joins when they verify the address, if their own org is empty', async () => {
    const [owner, someone] = [await newOwner(), await newOwner()];
    (await invite(owner, someone.email)).as(200);
    expect((await logIn(someone)).org_id).toBe(someone.orgId);
    const token = await verificationToken(someone.email);
    const { access_token } = (await gateway().post('/v1/auth/verify-email', { token })).as<Token>(200);
    expect(await profileOf(gateway().as(access_token))).toMatchObject({ org_id: owner.orgId, role: 'member' });
    (await someone.api.get('/v1/auth/me')).refused(401);
  });

  it('joins with the next login, if the address is verified already', async () => {
    const [owner, someone] = [await newOwner(), await newVerified()];
    (await invite(owner, someone.email, 'admin')).as(200);
    expect(await profileOf(someone.api)).toMatchObject({ org_id: someone.orgId });
    expect(await logIn(someone)).toMatchObject({ org_id: owner.orgId, role: 'admin', id: someone.id });
  });

  it('joins once of eight parallel logins, all of which work', async () => {
    const [owner, someone] = [await newOwner(), await newVerified()];
    (await invite(owner, someone.email)).as(200);
    const at = gateways();
    const profiles = await Promise.all(
      Array.from({ length: 8 }, (_, index) => logIn(someone, at[index % at.length]?.from(`10.9.8.${index + 1}`))),
    );
    expect(new Set(profiles.map(({ org_id }) => org_id))).toEqual(new Set([owner.orgId]));
    const events = await trailWith(owner.api, by('org.join'));
    expect(events.filter(by('org.join'))).toHaveLength(1);
  });

  it('stays where they are while their own org has a vault, an agent or another member', async () => {
    const owner = await newOwner();
    const people = [await newVerified(), await newVerified(), await newVerified()] as const;
    for (const { email } of people) (await invite(owner, email)).as(200);
    const vault = await newVault(people[0]);
    await registerAgent(people[1]);
    await newMember(people[2]);
    for (const each of people) expect((await logIn(each)).org_id).toBe(each.orgId);
    (await people[0].api.delete(`/v1/vaults/${vault.id}`)).empty();
    expect((await logIn(people[0])).org_id).toBe(owner.orgId);
  });

  it('never loses a vault that they make while they join', async () => {
    const at = gateways();
    for (let round = 0; round < 8; round += 1) {
      const [owner, someone] = [await newOwner(), await newVerified()];
      (await invite(owner, someone.email)).as(200);
      const making = at.map((each) => each.as(someone.api.token).post('/v1/vaults', { name: 'mine' }));
      const [profile, ...answers] = await Promise.all([logIn(someone), ...making]);
      const made = answers.filter(({ status }) => status === 201).map((answer) => answer.as<{ id: string }>(201));
      expect(answers.every(({ status }) => [201, 401, 503].includes(status))).toBe(true);
      expect(profile.org_id).toBe(made.length > 0 ? someone.orgId : owner.orgId);
      for (const { id } of made) (await someone.api.get(`/v1/vaults/${id}`)).as(200);
    }
  });

  it('has nothing of the empty org any more, which is no more', async () => {
    const [owner, someone] = [await newOwner(), await newVerified()];
    const { api_key } = (await someone.api.post('/v1/auth/api-keys', { name: 'k' })).as<{ api_key: string }>(201);
    (await invite(owner, someone.email)).as(200);
    await logIn(someone);
    (await gateway().as(api_key).get('/v1/auth/me')).refused(401);
    (await someone.api.get('/v1/auth/me')).refused(401);
  });
});
