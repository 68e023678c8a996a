import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import { FakeOidcIssuer } from '@oneclaw/testing';
import { randomUUID } from 'node:crypto';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { gatewayOf, ownStack } from './stacks.js';
import type { Profile, Token } from './types.js';
import { claimsOf, gateway, newAgent, newOwner, randomEmail } from './world.js';

const CLIENT_ID = 'client.apps.example';
const SECOND = 1000;

let google: FakeOidcIssuer;
let stack: Stack;
let api: Api;

beforeAll(async () => {
  google = await FakeOidcIssuer.start();
  const env = { GOOGLE_CLIENT_IDS: CLIENT_ID, GOOGLE_ISSUER: google.url, GOOGLE_JWKS_URL: google.jwksUrl };
  stack = await ownStack({ env: { 'auth-svc': env } });
  api = gatewayOf(stack);
});
afterAll(async () => {
  await stack?.stop();
  await google?.close();
});

const claims = (email: string, fields: object = {}) => ({
  sub: randomUUID(),
  aud: CLIENT_ID,
  email,
  email_verified: true,
  ...fields,
});

const logIn = (idToken: unknown) => api.post('/v1/auth/google', { id_token: idToken });

async function enter(about: object): Promise<{ api: Api; me: Profile }> {
  const { access_token } = (await logIn(await google.token(about))).as<Token>(200);
  const session = api.as(access_token);
  return { api: session, me: (await session.get('/v1/auth/me')).as<Profile>(200) };
}

describe('POST /v1/auth/google', () => {
  it('opens an account whose address is verified, and finds it again', async () => {
    const about = claims(randomEmail(), { name: 'Ada' });
    const answer = await logIn(await google.token(about));
    const { sub, email } = claimsOf(answer.as<Token>(200).access_token);
    expect(email).toBe(about.email);
    const { me } = await enter(about);
    expect(me).toMatchObject({
      email,
      display_name: 'Ada',
      auth_method: 'google',
      email_verified: true,
      role: 'owner',
    });
    expect(`user:${me.id}`).toBe(sub);
  });

  it('gives a person without a password a first one', async () => {
    const { api: session, me } = await enter(claims(randomEmail()));
    const password = 'a first password, long enough';
    (await session.post('/v1/auth/change-password', { new_password: password })).empty();
    (await api.post('/v1/auth/token', { email: me.email, password })).as<Token>(200);
    (await session.post('/v1/auth/change-password', { new_password: `${password} 2` })).invalid('current_password');
  });

  it('takes over an account that nobody had verified, and everything in it that opens something ends', async () => {
    const squatter = await newOwner(api);
    const agent = await newAgent(squatter);
    const owner = await enter(claims(squatter.email));
    expect(owner.me).toMatchObject({ id: squatter.id, org_id: squatter.orgId, auth_method: 'google' });
    await eventually('the tokens of before are refused', SECOND, async () => {
      const answers = [await squatter.api.get('/v1/auth/me'), await agent.api.get('/v1/agents/me')];
      return answers.every(({ status }) => status === 401) ? true : undefined;
    });
    const { email, password } = squatter;
    (await api.post('/v1/auth/token', { email, password })).refused(401);
    (await api.post('/v1/auth/agent-token', { api_key: agent.apiKey })).refused(401);
  });

  it.each([
    ['another audience', { aud: 'somebody-else' }],
    ['another issuer', { iss: 'https://accounts.google.com' }],
    ['an end in the past', { exp: 1_700_000_000 }],
    ['an unverified address', { email_verified: false }],
  ])('refuses a token with %s', async (_what, fields) => {
    (await logIn(await google.token(claims(randomEmail(), fields)))).refused(401);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['a number', 7],
    ['a text beyond all measure', 'x'.repeat(16_385)],
  ])('says that %s is no ID token', async (_what, idToken) => {
    (await logIn(idToken)).invalid('id_token');
  });

  it('answers 503 while the keys of the issuer cannot be had, and goes on when they can', async () => {
    await google.newKey('RS256');
    google.misbehaves = 'is_down';
    await stack.service('auth-svc').kill('SIGKILL');
    await stack.service('auth-svc').start();
    const about = claims(randomEmail());
    const { value } = await eventually('auth-svc is found again', 30 * SECOND, async () => {
      const answer = await logIn(await google.token(about));
      return answer.status === 503 && answer.text.includes('Google') ? answer : undefined;
    });
    expect(value.header('retry-after')).toMatch(/^[1-9]/);
    google.misbehaves = undefined;
    await enter(about);
  });
});

describe('a server without Google', () => {
  it('says so', async () => {
    const problem = (await gateway().post('/v1/auth/google', { id_token: 'x' })).refused(400);
    expect(problem.detail).toMatch(/Google/);
  });
});
