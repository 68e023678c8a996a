import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Profile, Signup, Token } from './types.js';
import { claimsOf, gateway, newOwner, randomEmail, randomPassword } from './world.js';

const signUp = (fields: Record<string, unknown>) =>
  gateway().post('/v1/auth/signup', { email: randomEmail(), password: randomPassword(), ...fields });

describe('signup', () => {
  it('answers a token, a message and the address, and makes the person owner of an org of their own', async () => {
    const email = randomEmail();
    const body = (await signUp({ email, display_name: 'Ada' })).as<Signup>(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 900, email });
    const me = (await gateway().as(body.access_token).get('/v1/auth/me')).as<Profile>(200);
    expect(me).toMatchObject({
      email,
      display_name: 'Ada',
      auth_method: 'password',
      role: 'owner',
      email_verified: false,
      totp_enabled: false,
      org_id: claimsOf(body.access_token).org,
    });
  });

  it('gives every person another org', async () => {
    const [one, other] = [await newOwner(), await newOwner()];
    expect(one.orgId).not.toBe(other.orgId);
    expect(one.id).not.toBe(other.id);
  });

  it('never lets the answer be stored', async () => {
    expect((await signUp({})).header('cache-control')).toBe('no-store');
  });

  it('refuses an address that is in use, however it is written', async () => {
    const name = randomBytes(6).toString('hex');
    (await signUp({ email: `Ada.${name}@Example.com` })).as(200);
    (await signUp({ email: `ada.${name}@example.com` })).refused(409);
    (await signUp({ email: `ＡDA.${name}@EXAMPLE.COM` })).refused(409);
    (await signUp({ email: ` ada.${name}@example.com ` })).refused(409);
  });

  it('keeps the address as it was given', async () => {
    const email = `Ada.${randomBytes(6).toString('hex')}@Example.com`;
    const { access_token } = (await signUp({ email })).as<Signup>(200);
    expect((await gateway().as(access_token).get('/v1/auth/me')).as<Profile>(200).email).toBe(email);
  });

  it('lets exactly one of many parallel signups for one address through', async () => {
    const email = randomEmail();
    const answers = await Promise.all(Array.from({ length: 6 }, () => signUp({ email })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  });

  it.each([
    ['11 characters', 'q7#Vw2!zK9p'],
    ['257 characters', randomBytes(200).toString('base64url').slice(0, 257)],
    ['a common password', 'password1234'],
    ['a run', 'aaaaaaaaaaaaaaaa'],
    ['a keyboard walk', 'qwertyuiopasdf'],
    ['nothing', ''],
    ['a number', 123456789012345],
    ['null', null],
  ])('refuses %s as a password and says why', async (_, password) => {
    const email = randomEmail();
    (await signUp({ email, password })).invalid('password');
    (await gateway().post('/v1/auth/token', { email, password: String(password) || 'x' })).refused(401);
  });

  it("refuses the person's own address or name as a password", async () => {
    const email = `bartholomew.featherstone.${randomBytes(2).toString('hex')}@example.com`;
    (await signUp({ email, password: email })).invalid('password');
    (await signUp({ password: 'Bartholomew1', display_name: 'Bartholomew' })).invalid('password');
  });

  it('takes 256 characters of any script, and the same text in another normal form is the same password', async () => {
    const email = randomEmail();
    const stem = `${randomPassword()} çà Ångström пароль 密碼 🗝 `;
    const password = stem.normalize('NFC').padEnd(256, randomPassword());
    expect(password).toHaveLength(256);
    (await signUp({ email, password })).as(200);
    (await gateway().post('/v1/auth/token', { email, password: password.normalize('NFD') })).as<Token>(200);
    (await gateway().post('/v1/auth/token', { email, password: password.slice(0, -1) })).refused(401);
  });

  it.each([
    ['no address', undefined],
    ['an address without a domain', 'ada'],
    ['an address with two @', 'ada@@example.com'],
    ['a number', 7],
    ['a list', ['ada@example.com']],
    ['an empty address', ''],
    ['an address with a line break', 'ada@example.com\nBcc: eve@example.com'],
  ])('refuses %s', async (_, email) => {
    (await signUp({ email })).invalid('email');
  });

  it('refuses a display name that is no text', async () => {
    (await signUp({ display_name: { first: 'Ada' } })).invalid('display_name');
  });

  it('treats null for an optional field as absent', async () => {
    (await signUp({ display_name: null, invite_token: null })).as(200);
  });

  it('refuses an unknown invitation and creates nothing', async () => {
    const email = randomEmail();
    (await signUp({ email, invite_token: 'no-such-invitation' })).refused(400);
    (await signUp({ email })).as(200);
  });

  it('ignores roles, orgs and ids in the body', async () => {
    const other = await newOwner();
    const fields = { role: 'admin', org_id: other.orgId, id: other.id, user_id: other.id, email_verified: true };
    const { access_token } = (await signUp(fields)).as<Signup>(200);
    const me = (await gateway().as(access_token).get('/v1/auth/me')).as<Profile>(200);
    expect(me).toMatchObject({ role: 'owner', email_verified: false });
    expect(me.org_id).not.toBe(other.orgId);
    expect(me.id).not.toBe(other.id);
  });
});
