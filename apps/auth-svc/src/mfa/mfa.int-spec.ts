import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createKey, keyCall } from '../testing/api-keys.js';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { Authenticator, challengeOf, signUpWithMfa, verifyMfa } from '../testing/mfa.js';
import { anonymous, createAgent, exchangeKey, type Human, PASSWORD, signUp } from '../testing/people.js';
import { fromBase32 } from '../testing/totp-codes.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

const isOn = async ({ call }: Human) => (await world.mfa.getMfaStatus({}, call)).enabled;
const byCode = (value: string) => ({ proof: { $case: 'code' as const, value } });
const byPassword = (value: string) => ({ proof: { $case: 'password' as const, value } });

async function begin({ call }: Human) {
  const { secret, otpauthUri } = await world.mfa.beginMfaSetup({}, call);
  return { secret, otpauthUri, authenticator: new Authenticator(world, fromBase32(secret)) };
}

const eventsOf = async (who: Human, action: string) =>
  (await recordedEvents(world.owner)).audit.filter((event) => event.actorId === who.id && event.action === action);

describe('the setup of MFA', () => {
  it('gives a secret for the authenticator, and turns MFA on with a right code', async () => {
    const ada = await signUp(world);
    expect(await isOn(ada)).toBe(false);
    const { secret, otpauthUri, authenticator } = await begin(ada);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(otpauthUri).toContain(`secret=${secret}&`);
    expect(otpauthUri).toContain(encodeURIComponent(ada.email));
    expect(await isOn(ada)).toBe(false);
    const { recoveryCodes } = await world.mfa.finishMfaSetup({ code: authenticator.next() }, ada.call);
    expect(new Set(recoveryCodes).size).toBe(8);
    expect(await isOn(ada)).toBe(true);
    expect((await world.accounts.getProfile({}, ada.call)).profile!.totpEnabled).toBe(true);
    expect(await eventsOf(ada, 'mfa.enable')).toEqual([
      expect.objectContaining({ resourceType: 'user', resourceId: ada.id }),
    ]);
  });

  it('keeps the secret sealed and the recovery codes as hashes', async () => {
    const ada = await signUpWithMfa(world);
    const { rows } = await world.owner.query<{ row: string }>(
      `SELECT row_to_json(f)::text AS row FROM totp_factors f WHERE user_id = $1
       UNION ALL SELECT row_to_json(c)::text FROM mfa_recovery_codes c WHERE user_id = $1`,
      [ada.id],
    );
    expect(rows).toHaveLength(9);
    const kept = rows.map(({ row }) => row).join('\n');
    expect(kept.match(/\$argon2id\$/g)).toHaveLength(8);
    const { raw } = await recordedEvents(world.owner);
    for (const code of ada.recoveryCodes) {
      const groups = code.split('-').slice(1).join('');
      expect([kept.includes(groups), raw.includes(groups), raw.includes(code)]).toEqual([false, false, false]);
    }
  });

  it('may be begun anew: only the last secret counts', async () => {
    const ada = await signUp(world);
    const first = await begin(ada);
    const second = await begin(ada);
    expect(second.secret).not.toBe(first.secret);
    const late = world.mfa.finishMfaSetup({ code: first.authenticator.at(0) }, ada.call);
    await expect(late).rejects.toMatchObject({ code: 'invalid_argument', fields: { code: 'is wrong' } });
    await world.mfa.finishMfaSetup({ code: second.authenticator.at(0) }, ada.call);
    expect(await isOn(ada)).toBe(true);
  });

  it('is not finished by a wrong code, however often, nor without having begun', async () => {
    const ada = await signUp(world);
    const refused = { code: 'invalid_argument' };
    await expect(world.mfa.finishMfaSetup({ code: '123456' }, ada.call)).rejects.toMatchObject(refused);
    const { authenticator } = await begin(ada);
    for (const code of [authenticator.wrong(), '', 'abcdef', `${authenticator.at(0)}0`, authenticator.at(-2)]) {
      await expect(world.mfa.finishMfaSetup({ code }, ada.call)).rejects.toMatchObject(refused);
    }
    expect(await isOn(ada)).toBe(false);
    await world.mfa.finishMfaSetup({ code: authenticator.at(1) }, ada.call);
  });

  it('is not for accounts that have it on', async () => {
    const ada = await signUpWithMfa(world);
    await expect(world.mfa.beginMfaSetup({}, ada.call)).rejects.toMatchObject({ code: 'conflict' });
    const again = world.mfa.finishMfaSetup({ code: ada.authenticator.next() }, ada.call);
    await expect(again).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('is finished once by ten parallel codes, with one set of recovery codes', async () => {
    const ada = await signUp(world);
    const { authenticator } = await begin(ada);
    const code = authenticator.at(0);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => world.mfa.finishMfaSetup({ code }, ada.call)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { rows } = await world.owner.query('SELECT FROM mfa_recovery_codes WHERE user_id = $1', [ada.id]);
    expect(rows).toHaveLength(8);
  });

  it('is for people who have logged in: neither for agents nor for API keys', async () => {
    const ada = await signUp(world);
    const { apiKey } = await createKey(world, ada);
    const agentToken = (await exchangeKey(world, (await createAgent(world, ada)).apiKey))!.accessToken;
    const denied = { code: 'permission_denied' };
    for (const bearer of [apiKey, agentToken]) {
      const call = await keyCall(world, bearer);
      await expect(world.mfa.beginMfaSetup({}, call)).rejects.toMatchObject(denied);
      await expect(world.mfa.finishMfaSetup({ code: '123456' }, call)).rejects.toMatchObject(denied);
      await expect(world.mfa.disableMfa(byPassword(PASSWORD), call)).rejects.toMatchObject(denied);
    }
    expect((await world.mfa.getMfaStatus({}, await keyCall(world, apiKey))).enabled).toBe(false);
    expect((await eventsOf(ada, 'mfa.enable')).map(({ details }) => details['outcome'])).toEqual(['denied', 'denied']);
  });
});

describe('turning MFA off', () => {
  it.each<[string, (ada: Awaited<ReturnType<typeof signUpWithMfa>>) => ReturnType<typeof byCode | typeof byPassword>]>([
    ['a code', ({ authenticator }) => byCode(authenticator.next())],
    ['a code typed in two groups', ({ authenticator }) => byCode(authenticator.next().replace(/^.../, '$& '))],
    ['a recovery code', ({ recoveryCodes }) => byCode(recoveryCodes[3]!.toUpperCase())],
    ['the password', () => byPassword(PASSWORD)],
  ])('works with %s, and the password alone logs in again', async (_what, proof) => {
    const ada = await signUpWithMfa(world);
    await world.mfa.disableMfa(proof(ada), ada.call);
    expect(await isOn(ada)).toBe(false);
    const login = await world.accounts.logIn({ email: ada.email, password: PASSWORD }, anonymous());
    expect(login.mfaChallenge).toBeUndefined();
    expect(login.token!.accessToken).not.toBe('');
    expect(await eventsOf(ada, 'mfa.disable')).toHaveLength(1);
    expect((await begin(ada)).secret).toHaveLength(32);
  });

  it('is refused with anything else, which is on record', async () => {
    const ada = await signUpWithMfa(world);
    const used = ada.authenticator.used();
    const wrong = [byCode(used), byCode(ada.authenticator.wrong()), byCode('abcde-00000-00000-00000'), byCode('')];
    for (const proof of [...wrong, byPassword('wrong horse battery staple')]) {
      await expect(world.mfa.disableMfa(proof, ada.call)).rejects.toMatchObject({
        code: 'invalid_argument',
        fields: { [proof.proof.$case]: 'is wrong' },
      });
    }
    await expect(world.mfa.disableMfa({}, ada.call)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(await isOn(ada)).toBe(true);
    expect(await eventsOf(ada, 'mfa.disable')).toHaveLength(5);
  });

  it('needs it to be on', async () => {
    const ada = await signUp(world);
    await begin(ada);
    for (const proof of [byCode('123456'), byPassword(PASSWORD)]) {
      await expect(world.mfa.disableMfa(proof, ada.call)).rejects.toMatchObject({ code: 'invalid_argument' });
    }
  });

  it('closes after ten wrong codes, for logins too, but not for passwords', async () => {
    const ada = await signUpWithMfa(world);
    const mfaToken = await challengeOf(world, ada);
    for (let round = 0; round < 10; round += 1) {
      const wrong = world.mfa.disableMfa(byCode(ada.authenticator.wrong()), ada.call);
      await expect(wrong).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    const right = world.mfa.disableMfa(byCode(ada.authenticator.next()), ada.call);
    await expect(right).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: expect.any(Number) });
    expect(await verifyMfa(world, mfaToken, ada.authenticator.next())).toEqual({ refusal: 'rate_limited' });
    expect(await challengeOf(world, ada)).not.toBe('');
    await world.mfa.disableMfa(byPassword(PASSWORD), ada.call);
    expect(await isOn(ada)).toBe(false);
  });
});

describe('a secret that was damaged or swapped', () => {
  it('is an error, not a wrong code', async () => {
    const [ada, eve] = [await signUpWithMfa(world), await signUpWithMfa(world)];
    await world.owner.query(
      `UPDATE totp_factors a SET kek_id = e.kek_id, wrapped_dek = e.wrapped_dek, sealed_secret = e.sealed_secret
         FROM totp_factors e WHERE a.user_id = $1 AND e.user_id = $2`,
      [ada.id, eve.id],
    );
    const mfaToken = await challengeOf(world, ada);
    expect(await verifyMfa(world, mfaToken, eve.authenticator.next())).toEqual({ refusal: 'internal' });
    expect(await verifyMfa(world, mfaToken, ada.recoveryCodes[0]!)).toEqual({ token: expect.any(String) });
  });
});
