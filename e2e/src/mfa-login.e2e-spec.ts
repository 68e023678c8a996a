import { describe, expect, it } from '@jest/globals';
import { countOf } from './answer.js';
import { challengeOf, newOwnerWithMfa } from './authenticator.js';
import type { Api } from './client.js';
import { by, trailWith } from './trail.js';
import type { AuditEvent, Login, Token } from './types.js';
import { claimsOf, gateway, gateways, newOwner } from './world.js';

const verify = (mfa_token: unknown, code: unknown, at: Api = gateway()) =>
  at.post('/v1/auth/mfa/verify', { mfa_token, code });

/** As many at once, over all gateways of the stack. */
async function inParallel(count: number, act: (at: Api, index: number) => ReturnType<typeof verify>) {
  const doors = gateways();
  return Promise.all(Array.from({ length: count }, (_, index) => act(doors[index % doors.length] as Api, index)));
}

describe('a login with MFA on', () => {
  it('asks for a code and then answers a session', async () => {
    const owner = await newOwnerWithMfa();
    const { email, password } = owner;
    const first = await gateway().post('/v1/auth/token', { email, password });
    const challenge = first.as<Login>(200);
    expect(challenge).toEqual({
      mfa_required: true,
      mfa_token: expect.any(String),
      access_token: '',
      token_type: 'Bearer',
      expires_in: 300,
    });
    expect(first.header('cache-control')).toBe('no-store');
    const second = await verify(challenge.mfa_token, owner.authenticator.next());
    const { access_token, expires_in } = second.as<Token>(200);
    expect(expires_in).toBe(900);
    expect(claimsOf(access_token).sub).toBe(`user:${owner.id}`);
    (await gateway().as(access_token).get('/v1/auth/me')).as(200);
    const withCode = ({ actor_id, details }: AuditEvent) => actor_id === owner.id && details['method'] === 'totp';
    await trailWith(owner.api, withCode, by('auth.challenge'));
  });

  it('takes each recovery code once, however it is typed', async () => {
    const owner = await newOwnerWithMfa();
    const [one, two] = owner.recoveryCodes as [string, string];
    (await verify(await challengeOf(owner), one)).as<Token>(200);
    (await verify(await challengeOf(owner), one)).refused(401);
    (await verify(await challengeOf(owner), two.toUpperCase().replaceAll('-', ' '))).as<Token>(200);
  });

  it('does not look at a stale Authorization header', async () => {
    const owner = await newOwnerWithMfa();
    (await verify(await challengeOf(owner), owner.authenticator.next(), gateway().as('stale'))).as<Token>(200);
  });
});

describe('an mfa_token', () => {
  it('opens no route', async () => {
    const owner = await newOwnerWithMfa();
    const mfaToken = await challengeOf(owner);
    const api = gateway().as(mfaToken);
    for (const path of ['/v1/auth/me', '/v1/vaults', '/v1/auth/mfa/status', '/v1/audit/events', '/v1/agents/me']) {
      (await api.get(path)).refused(401);
    }
    (await api.delete('/v1/auth/token')).refused(401);
    (await api.send('DELETE', '/v1/auth/mfa', { password: owner.password })).refused(401);
  });

  it('is nothing that a session token, or anything else, could be', async () => {
    const owner = await newOwnerWithMfa();
    const mfaToken = await challengeOf(owner);
    const code = owner.authenticator.next();
    const [header, payload] = mfaToken.split('.') as [string, string];
    const others = [
      owner.api.token,
      `${header}.${payload}.${'A'.repeat(86)}`,
      `${header}.${payload}.`,
      'x',
      mfaToken.slice(1),
    ];
    for (const other of others) (await verify(other, code)).refused(401);
    (await verify(mfaToken, code)).as<Token>(200);
  });

  it('makes one session, and dies of five wrong codes', async () => {
    const owner = await newOwnerWithMfa();
    const first = await challengeOf(owner);
    (await verify(first, owner.authenticator.next())).as<Token>(200);
    (await verify(first, owner.recoveryCodes[0])).refused(401);
    const second = await challengeOf(owner);
    for (let round = 0; round < 5; round += 1) (await verify(second, owner.authenticator.wrong())).refused(401);
    (await verify(second, owner.recoveryCodes[1])).refused(401);
    (await verify(await challengeOf(owner), owner.recoveryCodes[2])).as<Token>(200);
  });

  it('is dead once MFA is off', async () => {
    const owner = await newOwnerWithMfa();
    const mfaToken = await challengeOf(owner);
    (await owner.api.send('DELETE', '/v1/auth/mfa', { password: owner.password })).empty();
    (await verify(mfaToken, owner.authenticator.next())).refused(401);
  });
});

describe('a code', () => {
  it('that turned MFA on, or that somebody else has used, works no more', async () => {
    const owner = await newOwnerWithMfa();
    (await verify(await challengeOf(owner), owner.authenticator.used())).refused(401);
    const code = owner.authenticator.next();
    (await verify(await challengeOf(owner), code)).as<Token>(200);
    (await verify(await challengeOf(owner), code)).refused(401);
  });

  it('works once when it comes twenty times at once, with one challenge through two gateways', async () => {
    const owner = await newOwnerWithMfa();
    const mfaToken = await challengeOf(owner);
    const code = owner.authenticator.next();
    const answers = await inParallel(20, (at) => verify(mfaToken, code, at));
    expect([countOf(answers, 200), countOf(answers, 401)]).toEqual([1, 19]);
  });

  it('works once when it comes twenty times at once, with twenty challenges through two gateways', async () => {
    const owner = await newOwnerWithMfa();
    const challenges = await Promise.all(Array.from({ length: 20 }, () => challengeOf(owner)));
    const code = owner.authenticator.next();
    const answers = await inParallel(20, (at, index) => verify(challenges[index], code, at));
    expect(countOf(answers, 200)).toBe(1);
    expect(countOf(answers, 401) + countOf(answers, 429)).toBe(19);
  });

  it('is demanded, as text', async () => {
    const mfaToken = await challengeOf(await newOwnerWithMfa());
    for (const code of [undefined, null, 123456, '', ['123456']]) (await verify(mfaToken, code)).invalid('code');
    for (const wrong of [undefined, null, 7, '', {}]) (await verify(wrong, '123456')).invalid('mfa_token');
    (await gateway().post('/v1/auth/mfa/verify')).refused(400);
  });
});

describe('ten wrong codes', () => {
  it('close the second step to right ones, through every gateway, and leave the first one open', async () => {
    const owner = await newOwnerWithMfa();
    const challenges = [await challengeOf(owner), await challengeOf(owner), await challengeOf(owner)];
    const wrong = owner.authenticator.wrong();
    const answers = await inParallel(15, (at, index) => verify(challenges[index % 3], wrong, at));
    expect([countOf(answers, 401), countOf(answers, 429)]).toEqual([10, 5]);
    const closed = await verify(await challengeOf(owner), owner.authenticator.next());
    closed.refused(429);
    expect(Number(closed.header('retry-after'))).toBeGreaterThan(800);
  });

  it('of one person close nothing to another', async () => {
    const [ada, grace] = [await newOwnerWithMfa(), await newOwnerWithMfa()];
    for (const mfaToken of [await challengeOf(ada), await challengeOf(ada)]) {
      for (let round = 0; round < 5; round += 1) (await verify(mfaToken, ada.authenticator.wrong())).refused(401);
    }
    (await verify(await challengeOf(ada), ada.recoveryCodes[0])).refused(429);
    (await verify(await challengeOf(grace), grace.authenticator.next())).as<Token>(200);
    const { email, password } = await newOwner();
    (await gateway().post('/v1/auth/token', { email, password })).as<Token>(200);
  });
});
