import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { isDomainError } from '@oneclaw/errors';
import { FakeOidcIssuer } from '@oneclaw/testing';
import { createHmac, randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { createKey } from '../testing/api-keys.js';
import { recordedEvents } from '../testing/events.js';
import { enableMfa, signUpWithMfa, verifyMfa } from '../testing/mfa.js';
import { anonymous, createAgent, exchangeKey, human, PASSWORD, refusalOf, signUp } from '../testing/people.js';

const CLIENT_ID = 'client-1.apps.example';

let google: FakeOidcIssuer;
let foreign: FakeOidcIssuer;
let world: AuthWorld;
beforeAll(async () => {
  google = await FakeOidcIssuer.start();
  foreign = await FakeOidcIssuer.start();
  world = await startAuthWorld({
    GOOGLE_CLIENT_IDS: ['another.apps.example', CLIENT_ID],
    GOOGLE_ISSUER: google.url,
    GOOGLE_JWKS_URL: google.jwksUrl,
  });
});
beforeEach(() => {
  google.misbehaves = undefined;
});
afterAll(async () => {
  await world.close();
  await google.close();
  await foreign.close();
});

interface Person {
  sub: string;
  email: string;
  email_verified: boolean;
  name?: string;
}

const person = (fields: Partial<Person> = {}): Person & { aud: string } => ({
  sub: randomUUID(),
  email: `${randomUUID()}@example.com`,
  email_verified: true,
  aud: CLIENT_ID,
  ...fields,
});

const logIn = (idToken: string) => world.google.logInWithGoogle({ idToken }, anonymous());

async function enter(claims: object) {
  const { token } = await logIn(await google.token(claims));
  return human(world, token!.accessToken);
}

async function profileOf({ call }: Awaited<ReturnType<typeof human>>) {
  return (await world.accounts.getProfile({}, call)).profile!;
}

async function verify(userId: string): Promise<void> {
  await world.owner.query('UPDATE users SET email_verified = true WHERE id = $1', [userId]);
}

describe('a Google login', () => {
  it('opens an account on the first visit, and finds it again on the next', async () => {
    const claims = person({ name: ' Ada Lovelace ' });
    const first = await enter(claims);
    expect(await profileOf(first)).toMatchObject({
      email: claims.email,
      displayName: 'Ada Lovelace',
      authMethod: 'google',
      emailVerified: true,
      role: 'owner',
    });
    const again = await enter({ ...claims, email: 'moved@example.com', name: 'Another Name' });
    expect([again.id, again.orgId]).toEqual([first.id, first.orgId]);
    expect(decodeJwt(again.token)['email']).toBe(claims.email);
    const { identity, audit } = await recordedEvents(world.owner);
    expect(identity.filter((event) => event.orgId === first.orgId).map(({ kind }) => kind)).toEqual([
      'org.created',
      'user.created',
      'user.email_verified',
    ]);
    const methods = audit.filter((event) => event.actorId === first.id).map(({ details }) => details['method']);
    expect(methods).toEqual(['google', 'google']);
  });

  it('opens one account when the same person comes ten times at once', async () => {
    const claims = person();
    const people = await Promise.all(Array.from({ length: 10 }, () => enter(claims)));
    expect(new Set(people.map(({ id }) => id)).size).toBe(1);
  });

  it('links an account that has verified the address, whose password goes on working', async () => {
    const someone = await signUp(world);
    await verify(someone.id);
    const linked = await enter(person({ email: someone.email.toUpperCase() }));
    expect(linked.id).toBe(someone.id);
    expect(await refusalOf(world, someone.token)).toBe('');
    expect((await profileOf(linked)).authMethod).toBe('password');
    await world.accounts.logIn({ email: someone.email, password: PASSWORD }, anonymous());
    const { audit } = await recordedEvents(world.owner);
    expect(audit.find((event) => event.action === 'auth.link' && event.actorId === someone.id)).toMatchObject({
      details: { provider: 'google', taken_over: false },
    });
  });

  it('does not let another Google identity with the same address in', async () => {
    const first = person();
    await enter(first);
    await expect(logIn(await google.token(person({ email: first.email })))).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is offered only where it is configured', async () => {
    const replica = await world.startReplica({ GOOGLE_CLIENT_IDS: [] });
    const attempt = replica.google.logInWithGoogle({ idToken: await google.token(person()) }, anonymous());
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('a Google login of an account with MFA on', () => {
  it('answers a challenge, also while it links the account', async () => {
    const someone = await signUpWithMfa(world);
    await verify(someone.id);
    const claims = person({ email: someone.email });
    for (let round = 0; round < 2; round += 1) {
      const { token, mfaChallenge } = await logIn(await google.token(claims));
      expect(token).toBeUndefined();
      const second = await verifyMfa(world, mfaChallenge!.mfaToken, someone.authenticator.next());
      expect((await human(world, second.token!)).id).toBe(someone.id);
    }
  });
});

describe('an account whose address nobody had verified', () => {
  it('is taken over clean: what was there before opens nothing any more', async () => {
    const squatter = await signUp(world);
    const { apiKey } = await createAgent(world, squatter);
    const agentToken = (await exchangeKey(world, apiKey))!.accessToken;
    const { apiKey: personalKey } = await createKey(world, squatter);
    await enableMfa(world, squatter);
    const owner = await enter(person({ email: squatter.email, name: 'The Owner' }));
    expect([owner.id, owner.orgId]).toEqual([squatter.id, squatter.orgId]);
    expect(await profileOf(owner)).toMatchObject({
      displayName: 'The Owner',
      authMethod: 'google',
      emailVerified: true,
    });
    expect(await refusalOf(world, squatter.token)).toBe('credentials_changed');
    expect(await refusalOf(world, agentToken)).toBe('agent_inactive');
    expect(await refusalOf(world, personalKey)).toBe('api_key_unknown_key');
    expect((await profileOf(owner)).totpEnabled).toBe(false);
    expect(await exchangeKey(world, apiKey)).toBeUndefined();
    await expect(
      world.accounts.logIn({ email: squatter.email, password: PASSWORD }, anonymous()),
    ).rejects.toMatchObject({ code: 'unauthenticated' });
    const { rows } = await world.owner.query('SELECT FROM email_verifications WHERE user_id = $1', [owner.id]);
    expect(rows).toEqual([]);
    const { identity } = await recordedEvents(world.owner);
    const kinds = identity.filter(({ orgId }) => orgId === owner.orgId).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['agent.deactivated', 'user.taken_over', 'user.email_verified']));
  });

  it('is taken over once by ten parallel logins, all of which end in it', async () => {
    const squatter = await signUp(world);
    const claims = person({ email: squatter.email });
    const owners = await Promise.all(Array.from({ length: 10 }, () => enter(claims)));
    expect(new Set(owners.map(({ id }) => id))).toEqual(new Set([squatter.id]));
    const { audit } = await recordedEvents(world.owner);
    expect(audit.filter((event) => event.action === 'auth.link' && event.actorId === squatter.id)).toHaveLength(1);
  });

  it('is not taken over while others share its org', async () => {
    const [squatter, guest] = [await signUp(world), await signUp(world)];
    await world.owner.query('UPDATE memberships SET org_id = $1 WHERE user_id = $2', [squatter.orgId, guest.id]);
    const attempt = logIn(await google.token(person({ email: squatter.email })));
    await expect(attempt).rejects.toMatchObject({ code: 'conflict' });
    expect(await refusalOf(world, squatter.token)).toBe('');
  });
});

describe('an ID token', () => {
  const seconds = () => Math.floor(Date.now() / 1000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  const forgeries: [string, () => Promise<string> | string][] = [
    ['for another audience', () => google.token({ ...person(), aud: 'somebody-else' })],
    [
      'for several audiences, issued to a stranger',
      () => google.token({ ...person(), aud: [CLIENT_ID, 'stranger'], azp: 'stranger' }),
    ],
    ['of another issuer', () => google.token({ ...person(), iss: 'https://accounts.google.com' })],
    ['that has expired', () => google.token({ ...person(), iat: seconds() - 700, exp: seconds() - 60 })],
    ['of the future', () => google.token({ ...person(), nbf: seconds() + 600 })],
    ['without an end', () => google.token({ ...person(), exp: undefined })],
    ['without a subject', () => google.token({ ...person(), sub: undefined })],
    ['without an address', () => google.token({ ...person(), email: undefined })],
    ['whose address is not verified', () => google.token(person({ email_verified: false }))],
    ['whose address is verified in words', () => google.token({ ...person(), email_verified: 'true' })],
    ['under a key of somebody else', () => foreign.token(ours(), { kid: google.publicJwk.kid })],
    ['under an unknown key', () => google.token(person(), { kid: 'unknown' })],
    ['with its own key in the header', () => foreign.token(ours(), { kid: undefined, jwk: foreign.publicJwk })],
    ['with the address of a key set', () => foreign.token(ours(), { jku: foreign.jwksUrl })],
    ['without a signature', () => unsigned({ alg: 'none' })],
    ['signed with the public key as a secret', () => confused()],
    ['that was cut short', async () => (await google.token(person())).slice(0, -20)],
    ['that is none', () => 'not.a.token'],
    ['that is empty', () => ''],
  ];

  /** As if our issuer had said so. */
  const ours = () => ({ ...person(), iss: google.url, iat: seconds(), exp: seconds() + 60 });

  const unsigned = (header: object) => `${encode(header)}.${encode(ours())}.`;

  function confused(): string {
    const signed = unsigned({ alg: 'HS256', kid: google.publicJwk.kid }).slice(0, -1);
    return `${signed}.${createHmac('sha256', JSON.stringify(google.publicJwk)).update(signed).digest('base64url')}`;
  }

  it.each(forgeries)('%s is refused', async (_what, make) => {
    const call = anonymous();
    await expect(world.google.logInWithGoogle({ idToken: await make() }, call)).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    const { audit } = await recordedEvents(world.owner);
    expect(audit.find((event) => event.requestId === call.requestId)).toMatchObject({
      action: 'auth.failure',
      details: { method: 'google', outcome: 'denied' },
    });
  });

  it('for several audiences is good if it was issued to us', async () => {
    await enter({ ...person(), aud: [CLIENT_ID, 'stranger'], azp: CLIENT_ID });
  });
});

describe("the issuer's keys", () => {
  it('are fetched once for many logins', async () => {
    const replica = await world.startReplica();
    const before = google.requests.length;
    const idTokens = await Promise.all(Array.from({ length: 20 }, () => google.token(person())));
    await Promise.all(idTokens.map((idToken) => replica.google.logInWithGoogle({ idToken }, anonymous())));
    expect(google.requests).toHaveLength(before + 1);
  });

  it.each(['is_down', 'is_huge', 'redirects', 'is_no_json', 'hangs'] as const)(
    'that cannot be had (%s) make the login unavailable, not the token wrong',
    async (misbehaviour) => {
      const replica = await world.startReplica();
      google.misbehaves = misbehaviour;
      const attempt = replica.google.logInWithGoogle({ idToken: await google.token(person()) }, anonymous());
      const error = await attempt.catch((cause: unknown) => cause);
      expect(isDomainError(error, 'unavailable')).toBe(true);
      google.misbehaves = undefined;
      await replica.google.logInWithGoogle({ idToken: await google.token(person()) }, anonymous());
    },
  );
});
