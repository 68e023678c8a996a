import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDomainError } from '@oneclaw/errors';
import { eventually, startNats, type TestNats } from '@oneclaw/testing';
import { decodeJwt } from 'jose';
import { type AuthWorld, PUBLIC_URL, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { FakeSmtp } from '../testing/fake-smtp.js';
import { enableMfa, verifyMfa } from '../testing/mfa.js';
import { anonymous, human, PASSWORD, signUp } from '../testing/people.js';

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

/** From the newest mail to the address. */
async function mailedToken(email: string, mails = 1): Promise<string> {
  return eventually(() => {
    expect(smtp.mailsTo(email)).toHaveLength(mails);
    const [, token] = /\/verify-email#token=([\w-]{43})\n/.exec(smtp.mailsTo(email).at(-1)!.source) ?? [];
    return token as string;
  });
}

const isVerified = async (token: string) =>
  (await world.accounts.getProfile({}, (await human(world, token)).call)).profile?.emailVerified;

async function expire(userId: string): Promise<void> {
  await world.owner.query('UPDATE email_verifications SET expires_at = now() WHERE user_id = $1', [userId]);
}

async function hoursLeft(userId: string): Promise<number[]> {
  const { rows } = await world.owner.query<{ hours: number }>(
    `SELECT extract(epoch FROM expires_at - now())::float8 / 3600 AS hours
       FROM email_verifications WHERE user_id = $1 AND expires_at > now()`,
    [userId],
  );
  return rows.map(({ hours }) => hours);
}

const redeem = (token: string) => world.verification.verifyEmail({ token }, anonymous());

describe('the link of a welcome mail', () => {
  it('verifies the address and logs its owner in', async () => {
    const { email, id, orgId, token: first } = await signUp(world);
    expect(await isVerified(first)).toBe(false);
    const { token } = await redeem(await mailedToken(email));
    expect(decodeJwt(token!.accessToken)).toMatchObject({ sub: `user:${id}`, org: orgId });
    expect(await isVerified(token!.accessToken)).toBe(true);
    const { rows } = await world.owner.query('SELECT FROM session_invalidations WHERE key = $1', [`user:${id}`]);
    expect(rows).toHaveLength(1);
    expect(smtp.mailsTo(email)[0]!.source).toContain(`${PUBLIC_URL}/verify-email#token=`);
    const { audit, identity } = await recordedEvents(world.owner);
    expect(identity.filter((event) => event.subjectId === id).map(({ kind }) => kind)).toEqual([
      'user.created',
      'user.email_verified',
    ]);
    expect(audit.filter((event) => event.actorId === id).map(({ details }) => details['method'])).toEqual([
      'signup',
      'email_verification',
    ]);
  });

  it('works once, also under twenty parallel uses', async () => {
    const { email } = await signUp(world);
    const token = await mailedToken(email);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => redeem(token).catch((error: unknown) => error)),
    );
    const refused = outcomes.filter((outcome) => isDomainError(outcome, 'invalid_argument'));
    expect(refused).toHaveLength(19);
  });

  it('works for 24 hours', async () => {
    const { email, id } = await signUp(world);
    const token = await mailedToken(email);
    const [hours] = await hoursLeft(id);
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    await expire(id);
    await expect(redeem(token)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { token: expect.any(String) },
    });
  });

  it('asks for the second factor where there is one', async () => {
    const someone = await enableMfa(world, await signUp(world));
    const { token, mfaChallenge } = await redeem(await mailedToken(someone.email));
    expect(token).toBeUndefined();
    expect(await isVerified(someone.token)).toBe(true);
    const second = await verifyMfa(world, mfaChallenge!.mfaToken, someone.authenticator.next());
    expect((await human(world, second.token as string)).id).toBe(someone.id);
  });

  it.each([
    ['an empty text', ''],
    ['a short one', 'x'],
    ['one of the right length', 'A'.repeat(43)],
    ['one of NULs', '\u0000'.repeat(43)],
  ])('is not %s', async (_what, token) => {
    await expect(redeem(token)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('stands nowhere in the database or in events', async () => {
    const { email } = await signUp(world);
    const token = await mailedToken(email);
    const { raw } = await recordedEvents(world.owner);
    const { rows } = await world.owner.query(`SELECT token_hash FROM email_verifications`);
    expect(raw.includes(token)).toBe(false);
    expect(rows.some((row: { token_hash: Buffer }) => row.token_hash.includes(token))).toBe(false);
  });
});

describe('a login of somebody who has not verified their address', () => {
  it('brings another link, but only where the last one has expired', async () => {
    const { email, id } = await signUp(world);
    await mailedToken(email);
    await world.accounts.logIn({ email, password: PASSWORD }, anonymous());
    await expire(id);
    await world.accounts.logIn({ email, password: PASSWORD }, anonymous());
    const { token } = await redeem(await mailedToken(email, 2));
    expect(await isVerified(token!.accessToken)).toBe(true);
    await world.accounts.logIn({ email, password: PASSWORD }, anonymous());
    expect(await hoursLeft(id)).toEqual([]);
  });
});
