import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDomainError } from '@oneclaw/errors';
import { NIL_UUID } from '@oneclaw/events';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { AUDIENCE, type AuthWorld, ISSUER, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { anonymous, human, PASSWORD, refusalOf, signUp } from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

async function count(table: string): Promise<number> {
  const { rows } = await world.owner.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
  return rows[0]!.count;
}

const caught = (error: unknown) => error;

describe('signing up', () => {
  it('makes a user who owns an org, with the events and a session', async () => {
    const call = anonymous();
    const request = { email: ' Ada@Example.com ', password: PASSWORD, displayName: 'Ada L.' };
    const { token, email } = await world.accounts.signUp(request, call);
    expect(email).toBe('Ada@Example.com');
    const { id, orgId, call: asAda } = await human(world, token!.accessToken);
    const { profile } = await world.accounts.getProfile({}, asAda);
    expect(profile).toEqual({
      id,
      orgId,
      email: 'Ada@Example.com',
      displayName: 'Ada L.',
      authMethod: 'password',
      role: 'owner',
      emailVerified: false,
      marketingEmails: false,
      totpEnabled: false,
      createdAt: expect.any(Date),
    });
    const { audit, identity } = await recordedEvents(world.owner);
    expect(identity.filter((event) => event.orgId === orgId).map(({ kind, subjectId }) => [kind, subjectId])).toEqual([
      ['org.created', orgId],
      ['user.created', id],
    ]);
    expect(audit.filter((event) => event.orgId === orgId)).toEqual([
      expect.objectContaining({
        actorType: 'user',
        actorId: id,
        action: 'auth.success',
        details: { method: 'signup' },
        ipAddress: '192.0.2.7',
        requestId: call.requestId,
      }),
    ]);
  });

  it('answers a token with exactly the claims of a human', async () => {
    const { token, id, orgId, email } = await signUp(world);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: world.crypto.keys.kid });
    const claims = decodeJwt(token);
    expect(claims).toEqual({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: `user:${id}`,
      org: orgId,
      iat: expect.any(Number),
      exp: claims.iat! + 900,
      jti: expect.any(String),
      role: 'owner',
      email,
    });
  });

  it('lets exactly one of twenty parallel spellings of an address through', async () => {
    const before = { users: await count('users'), orgs: await count('orgs'), memberships: await count('memberships') };
    const spellings = ['race@example.com', 'RACE@example.com', ' race@Example.com', 'ｒａｃｅ@example.com'];
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        world.accounts.signUp({ email: spellings[index % 4]!, password: PASSWORD }, anonymous()).catch(caught),
      ),
    );
    const refused = outcomes.filter((outcome) => isDomainError(outcome));
    expect(refused).toHaveLength(19);
    expect(refused.every((error) => isDomainError(error, 'conflict'))).toBe(true);
    expect(await count('users')).toBe(before.users + 1);
    expect(await count('orgs')).toBe(before.orgs + 1);
    expect(await count('memberships')).toBe(before.memberships + 1);
  });

  it.each([
    ['a guessable password', { password: 'password1234' }, 'password'],
    ['a short password', { password: 'x9$kq2Lw0pp' }, 'password'],
    [
      'its own address as password',
      { email: 'augusta.kinggordon@example.com', password: 'augusta.kinggordon' },
      'password',
    ],
    ['no address', { email: 'nobody' }, 'email'],
    ['a control character in the name', { displayName: 'a\u0000b' }, 'display_name'],
    ['an invitation that nobody made', { inviteToken: 'x' }, 'invite_token'],
  ])('is refused with %s', async (_what, fields, field) => {
    const request = { email: 'refused@example.com', password: PASSWORD, ...fields };
    await expect(world.accounts.signUp(request, anonymous())).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { [field]: expect.any(String) },
    });
  });

  it('leaves nothing behind when the HSM does not sign', async () => {
    const before = await count('users');
    world.crypto.keys.broken = true;
    const attempt = world.accounts.signUp({ email: 'unlucky@example.com', password: PASSWORD }, anonymous());
    await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
    world.crypto.keys.broken = false;
    expect(await count('users')).toBe(before);
  });
});

describe('logging in', () => {
  it('accepts any spelling of the address and answers a session', async () => {
    const { id } = await signUp(world, 'grace@example.com');
    const { token } = await world.accounts.logIn({ email: 'GRACE@example.com', password: PASSWORD }, anonymous());
    expect(token!.expiresInSeconds).toBe(900);
    expect((await human(world, token!.accessToken)).id).toBe(id);
  });

  it('answers one error for a wrong password, an unknown address and no address at all', async () => {
    const { email } = await signUp(world);
    const attempts = [
      { email, password: 'wrong horse battery staple' },
      { email: 'nobody@example.com', password: PASSWORD },
      { email: 'not an address\u0000', password: PASSWORD },
      { email: '', password: '' },
    ];
    const errors = await Promise.all(
      attempts.map((attempt) => world.accounts.logIn(attempt, anonymous()).catch(caught)),
    );
    const shown = errors.map((error) => (isDomainError(error) ? [error.code, error.message, error.fields] : error));
    expect(shown[0]).toEqual(['unauthenticated', expect.any(String), {}]);
    for (const each of shown) expect(each).toEqual(shown[0]);
  });

  it('leaves an event with the account that was tried, and nothing about an unknown one', async () => {
    const { email, id, orgId } = await signUp(world);
    const [known, unknown] = [anonymous(), anonymous()];
    await world.accounts.logIn({ email, password: 'plantedwrongpassword' }, known).catch(caught);
    await world.accounts.logIn({ email: 'planted-address@example.com', password: PASSWORD }, unknown).catch(caught);
    const { audit, raw } = await recordedEvents(world.owner);
    expect(audit.find((event) => event.requestId === known.requestId)).toMatchObject({
      orgId,
      actorType: 'anonymous',
      actorId: NIL_UUID,
      action: 'auth.failure',
      resourceType: 'user',
      resourceId: id,
      details: { method: 'password', outcome: 'denied', reason: 'wrong_password' },
    });
    expect(audit.find((event) => event.requestId === unknown.requestId)).toMatchObject({
      orgId: NIL_UUID,
      resourceId: '',
    });
    expect(raw.includes('plantedwrongpassword')).toBe(false);
    expect(raw.includes('planted-address')).toBe(false);
  });

  it('makes the hash anew when the cost has changed', async () => {
    const { email, id } = await signUp(world);
    const dearer = await world.startReplica({ ARGON2_ITERATIONS: 2 });
    await dearer.accounts.logIn({ email, password: PASSWORD }, anonymous());
    const { rows } = await world.owner.query<{ password_hash: string }>(
      'SELECT password_hash FROM users WHERE id = $1',
      [id],
    );
    expect(rows[0]!.password_hash).toMatch(/t=2/);
    await expect(world.accounts.logIn({ email, password: PASSWORD }, anonymous())).resolves.toBeDefined();
  });

  it('reveals no token when the event cannot be committed', async () => {
    const { email } = await signUp(world);
    const sessions = await count('sessions');
    await world.owner.query(`REVOKE INSERT ON outbox FROM ${world.database.name}`);
    const attempt = world.accounts.logIn({ email, password: PASSWORD }, anonymous());
    await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
    await world.owner.query(`GRANT INSERT ON outbox TO ${world.database.name}`);
    expect(await count('sessions')).toBe(sessions);
  });

  it('ends with a session that dies when the membership ends', async () => {
    const { token, id } = await signUp(world);
    await world.owner.query('DELETE FROM memberships WHERE user_id = $1', [id]);
    expect(await refusalOf(world, token)).toBe('not_a_member');
  });
});
