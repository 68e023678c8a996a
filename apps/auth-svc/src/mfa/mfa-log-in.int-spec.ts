import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { AUDIENCE, type AuthWorld, ISSUER, type Replica, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { challengeOf, signUpWithMfa, verifyMfa } from '../testing/mfa.js';
import { anonymous, type Human, human, PASSWORD, refusalOf, signUp } from '../testing/people.js';

let world: AuthWorld;
let replicas: Replica[];
beforeAll(async () => {
  world = await startAuthWorld();
  replicas = [world, await world.startReplica()];
});
afterAll(() => world.close());

/** As many at once, over two replicas. */
async function inParallel(count: number, act: (replica: Replica, index: number) => ReturnType<typeof verifyMfa>) {
  const outcomes = await Promise.all(Array.from({ length: count }, (_, index) => act(replicas[index % 2]!, index)));
  return {
    tokens: outcomes.flatMap(({ token }) => token ?? []),
    refusals: outcomes.flatMap((each) => each.refusal ?? []),
  };
}

async function challengesOf(who: Human, count: number): Promise<string[]> {
  const challenges: string[] = [];
  while (challenges.length < count) challenges.push(await challengeOf(world, who));
  return challenges;
}

const tries = async (mfaToken: string) => {
  const { jti } = decodeJwt(mfaToken);
  const { rows } = await world.owner.query<{ tries: number }>('SELECT tries FROM mfa_challenges WHERE id = $1', [jti]);
  return rows[0]?.tries;
};

describe('a login with MFA on', () => {
  it('answers a challenge, and a session for a code', async () => {
    const ada = await signUpWithMfa(world);
    const call = anonymous();
    const { token, mfaChallenge } = await world.accounts.logIn({ email: ada.email, password: PASSWORD }, call);
    expect(token).toBeUndefined();
    expect(mfaChallenge).toEqual({ mfaToken: expect.any(String), expiresInSeconds: 300 });
    const { mfaToken } = mfaChallenge!;
    const second = await verifyMfa(world, mfaToken, ada.authenticator.next());
    const session = await human(world, second.token!);
    expect(session.id).toBe(ada.id);
    const { audit } = await recordedEvents(world.owner);
    expect(audit.find(({ requestId }) => requestId === call.requestId)).toMatchObject({
      orgId: ada.orgId,
      action: 'auth.challenge',
      resourceId: ada.id,
    });
    const successes = audit.filter(({ actorId, action }) => actorId === ada.id && action === 'auth.success');
    expect(successes.at(-1)).toMatchObject({ details: { method: 'totp' } });
  });

  it('takes a recovery code in place of a code, each once', async () => {
    const ada = await signUpWithMfa(world);
    const [code] = ada.recoveryCodes as [string];
    expect(await verifyMfa(world, await challengeOf(world, ada), ` ${code.toUpperCase()} `)).toMatchObject({
      token: expect.any(String),
    });
    expect(await verifyMfa(world, await challengeOf(world, ada), code)).toEqual({ refusal: 'unauthenticated' });
    const { audit } = await recordedEvents(world.owner);
    const successes = audit.filter(({ actorId, action }) => actorId === ada.id && action === 'auth.success');
    expect(successes.at(-1)).toMatchObject({ details: { method: 'recovery_code' } });
  });

  it('is as before for everybody else, whose unfinished setup changes nothing', async () => {
    const ada = await signUp(world);
    await world.mfa.beginMfaSetup({}, ada.call);
    const { token, mfaChallenge } = await world.accounts.logIn({ email: ada.email, password: PASSWORD }, anonymous());
    expect([token!.expiresInSeconds, mfaChallenge]).toEqual([900, undefined]);
  });

  it('tells nothing about MFA to those who do not know the password', async () => {
    const ada = await signUpWithMfa(world);
    const attempt = world.accounts.logIn({ email: ada.email, password: 'wrong horse battery' }, anonymous());
    await expect(attempt).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('a code', () => {
  it('that turned MFA on logs nobody in', async () => {
    const ada = await signUpWithMfa(world);
    const used = ada.authenticator.used();
    expect(await verifyMfa(world, await challengeOf(world, ada), used)).toEqual({ refusal: 'unauthenticated' });
    const older = ada.authenticator.at(-1);
    expect(await verifyMfa(world, await challengeOf(world, ada), older)).toEqual({ refusal: 'unauthenticated' });
    expect(await verifyMfa(world, await challengeOf(world, ada), ada.authenticator.at(1))).toHaveProperty('token');
  });

  it('works once in twenty parallel tries of one challenge on two replicas', async () => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    const code = ada.authenticator.next();
    const { tokens, refusals } = await inParallel(20, (replica) => verifyMfa(replica, mfaToken, code));
    expect(tokens).toHaveLength(1);
    expect(new Set(refusals)).toEqual(new Set(['unauthenticated']));
    expect(await refusalOf(world, tokens[0]!)).toBe('');
  });

  it('works once in parallel tries of as many challenges on two replicas', async () => {
    const ada = await signUpWithMfa(world);
    const challenges = await challengesOf(ada, 8);
    const code = ada.authenticator.next();
    const { tokens, refusals } = await inParallel(8, (replica, index) => verifyMfa(replica, challenges[index]!, code));
    expect(tokens).toHaveLength(1);
    expect(refusals).toEqual(Array(7).fill('unauthenticated'));
  });

  it('for recovery works once in parallel tries of as many challenges', async () => {
    const ada = await signUpWithMfa(world);
    const challenges = await challengesOf(ada, 8);
    const code = ada.recoveryCodes[7]!;
    const { tokens } = await inParallel(8, (replica, index) => verifyMfa(replica, challenges[index]!, code));
    expect(tokens).toHaveLength(1);
  });
});

describe('a challenge', () => {
  it('dies after five wrong codes', async () => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    for (let round = 0; round < 5; round += 1) {
      expect(await verifyMfa(world, mfaToken, ada.authenticator.wrong())).toEqual({ refusal: 'unauthenticated' });
    }
    expect(await verifyMfa(world, mfaToken, ada.authenticator.next())).toEqual({ refusal: 'unauthenticated' });
    expect(await verifyMfa(world, await challengeOf(world, ada), ada.authenticator.next())).toHaveProperty('token');
  });

  it('has no more than five codes looked at, however many come at once', async () => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    const before = world.crypto.totpClock.checks;
    await inParallel(20, (replica) => verifyMfa(replica, mfaToken, ada.authenticator.wrong()));
    expect(world.crypto.totpClock.checks - before).toBe(5);
  });

  it('makes one session only', async () => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    expect(await verifyMfa(world, mfaToken, ada.authenticator.next())).toHaveProperty('token');
    expect(await verifyMfa(world, mfaToken, ada.authenticator.next())).toEqual({ refusal: 'unauthenticated' });
  });

  const endings: [string, (userId: string) => Promise<unknown>][] = [
    [
      'when its time is up',
      (id) =>
        world.owner.query(`UPDATE mfa_challenges SET expires_at = now() - interval '1 s' WHERE user_id = $1`, [id]),
    ],
    [
      'when the password changes',
      (id) => world.owner.query('UPDATE users SET credential_epoch = credential_epoch + 1 WHERE id = $1', [id]),
    ],
    ['when the user leaves the org', (id) => world.owner.query('DELETE FROM memberships WHERE user_id = $1', [id])],
    ['when MFA is turned off', (id) => world.owner.query('DELETE FROM totp_factors WHERE user_id = $1', [id])],
    ['when the user is gone', (id) => world.owner.query('DELETE FROM users WHERE id = $1', [id])],
  ];
  it.each(endings)('is dead %s', async (_when, end) => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    await end(ada.id);
    expect(await verifyMfa(world, mfaToken, ada.authenticator.next())).toEqual({ refusal: 'unauthenticated' });
  });

  it('loses no try to an HSM that does not answer', async () => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    world.crypto.totpClock.broken = true;
    for (let round = 0; round < 6; round += 1) {
      expect(await verifyMfa(world, mfaToken, ada.authenticator.at(0))).toEqual({ refusal: 'unavailable' });
    }
    world.crypto.totpClock.broken = false;
    expect(await tries(mfaToken)).toBe(0);
    expect(await verifyMfa(world, mfaToken, ada.authenticator.next())).toHaveProperty('token');
  });

  it('keeps its code when the event cannot be committed', async () => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    const code = ada.authenticator.next();
    await world.owner.query(`REVOKE INSERT ON outbox FROM ${world.database.name}`);
    expect(await verifyMfa(world, mfaToken, code)).toEqual({ refusal: 'unavailable' });
    await world.owner.query(`GRANT INSERT ON outbox TO ${world.database.name}`);
    expect(await verifyMfa(world, mfaToken, code)).toHaveProperty('token');
  });
});

describe('ten wrong codes', () => {
  it('close the second step, also in parallel on two replicas, and not the first', async () => {
    const ada = await signUpWithMfa(world);
    const challenges = await challengesOf(ada, 4);
    const before = world.crypto.totpClock.checks;
    const { refusals } = await inParallel(20, (replica, index) =>
      verifyMfa(replica, challenges[index % 4]!, ada.authenticator.wrong()),
    );
    expect(world.crypto.totpClock.checks - before).toBe(10);
    expect(refusals.filter((refusal) => refusal === 'rate_limited')).toHaveLength(10);
    const mfaToken = await challengeOf(world, ada);
    expect(await verifyMfa(world, mfaToken, ada.authenticator.next())).toEqual({ refusal: 'rate_limited' });
  });

  it('are counted anew after a right one', async () => {
    const ada = await signUpWithMfa(world);
    for (let round = 0; round < 3; round += 1) {
      const mfaToken = await challengeOf(world, ada);
      for (let wrong = 0; wrong < 4; wrong += 1) await verifyMfa(world, mfaToken, ada.authenticator.wrong());
      expect(await verifyMfa(world, mfaToken, ada.authenticator.next())).toHaveProperty('token');
    }
  });

  it('leave events with the account that was tried', async () => {
    const ada = await signUpWithMfa(world);
    await verifyMfa(world, await challengeOf(world, ada), '000000 no code');
    const { audit } = await recordedEvents(world.owner);
    const failures = audit.filter(({ action, orgId }) => action === 'auth.failure' && orgId === ada.orgId);
    expect(failures).toEqual([
      expect.objectContaining({
        resourceId: ada.id,
        details: { method: 'totp', outcome: 'denied', reason: 'wrong_code' },
      }),
    ]);
  });
});

describe('tokens of the two steps', () => {
  it('are told apart by kind and audience', async () => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    expect(decodeProtectedHeader(mfaToken)).toMatchObject({ typ: 'mfa+jwt' });
    expect(decodeJwt(mfaToken)).toEqual({
      iss: ISSUER,
      aud: 'oneclaw:mfa',
      sub: `user:${ada.id}`,
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect(await refusalOf(world, mfaToken)).toBe('wrong_type');
    await expect(world.sessions.revokeToken({ token: mfaToken }, anonymous())).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('from the future are put off: our clocks differ, and no try is lost', async () => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    const iat = Math.floor(Date.now() / 1000) + 300;
    const fromTheFuture = world.crypto.keys.jws('mfa+jwt', JSON.stringify({ ...decodeJwt(mfaToken), iat }));
    await expect(
      world.mfaLogins.verifyMfa({ mfaToken: fromTheFuture, code: ada.authenticator.at(1) }, anonymous()),
    ).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
    expect(await tries(mfaToken)).toBe(0);
  });

  it('do not stand in for each other, nor does anything else', async () => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    const claims = JSON.stringify({ ...decodeJwt(mfaToken), aud: AUDIENCE });
    const { keys } = world.crypto;
    const others = [
      ada.token,
      ada.call.assertion!,
      keys.jws('mfa+jwt', claims),
      keys.jws('JWT', JSON.stringify(decodeJwt(mfaToken))),
      keys.jws('mfa+jwt', JSON.stringify({ ...decodeJwt(mfaToken), exp: Math.floor(Date.now() / 1000) - 1 })),
      keys.jws('mfa+jwt', JSON.stringify({ ...decodeJwt(mfaToken), jti: 'no uuid' })),
      `${mfaToken.slice(0, -4)}AAAA`,
      'x',
      '',
    ];
    for (const other of others) {
      expect(await verifyMfa(world, other, ada.authenticator.at(1))).toEqual({ refusal: 'unauthenticated' });
    }
    expect(await tries(mfaToken)).toBe(0);
  });
});
