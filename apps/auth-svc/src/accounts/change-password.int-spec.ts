import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDomainError } from '@oneclaw/errors';
import { eventually, startNats, type TestNats } from '@oneclaw/testing';
import { createKey, keyCall } from '../testing/api-keys.js';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { FakeSmtp } from '../testing/fake-smtp.js';
import { anonymous, type Human, human, PASSWORD, refusalOf, signUp } from '../testing/people.js';

const NEW_PASSWORD = 'another horse, another staple';

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

async function logIn(email: string, password: string): Promise<string | undefined> {
  const { token } = await world.accounts.logIn({ email, password }, anonymous()).catch(() => ({ token: undefined }));
  return token?.accessToken;
}

const change = ({ call }: Human, currentPassword: string | undefined, newPassword = NEW_PASSWORD) =>
  world.profiles.changePassword({ currentPassword, newPassword }, call);

describe('changing the password', () => {
  it('lets the new one in and the old one no more', async () => {
    const someone = await signUp(world);
    await change(someone, PASSWORD);
    expect(await logIn(someone.email, NEW_PASSWORD)).toBeDefined();
    expect(await logIn(someone.email, PASSWORD)).toBeUndefined();
  });

  it('ends every session of the user but the calling one', async () => {
    const someone = await signUp(world);
    const another = (await logIn(someone.email, PASSWORD)) as string;
    const bystander = await signUp(world);
    await change(someone, PASSWORD);
    expect(await refusalOf(world, another)).toBe('credentials_changed');
    expect(await refusalOf(world, someone.token)).toBe('');
    expect(await refusalOf(world, bystander.token)).toBe('');
  });

  it('leaves personal API keys alone, and is not for them', async () => {
    const someone = await signUp(world);
    const { apiKey } = await createKey(world, someone);
    const byKey = { ...someone, call: await keyCall(world, apiKey) };
    await expect(change(byKey, PASSWORD)).rejects.toMatchObject({ code: 'permission_denied' });
    await change(someone, PASSWORD);
    expect(await refusalOf(world, apiKey)).toBe('');
    const deletion = world.profiles.deleteAccount({ confirmation: 'DELETE MY ACCOUNT' }, await keyCall(world, apiKey));
    await expect(deletion).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('is told by mail, with an event', async () => {
    const someone = await signUp(world);
    await change(someone, PASSWORD);
    await eventually(() => {
      const subjects = smtp.mailsTo(someone.email).map(({ source }) => /^Subject: (.*)$/m.exec(source)?.[1]);
      expect(subjects).toContain('Your password was changed');
    });
    const { audit, raw } = await recordedEvents(world.owner);
    const events = audit.filter((event) => event.action === 'auth.change_password' && event.orgId === someone.orgId);
    expect(events).toEqual([expect.objectContaining({ actorId: someone.id, resourceId: someone.id, details: {} })]);
    expect(raw.includes(NEW_PASSWORD)).toBe(false);
  });

  it('needs the current one', async () => {
    const someone = await signUp(world);
    for (const current of [undefined, 'wrong horse battery staple']) {
      await expect(change(someone, current)).rejects.toMatchObject({
        code: 'invalid_argument',
        fields: { current_password: expect.any(String) },
      });
    }
    expect(await logIn(someone.email, PASSWORD)).toBeDefined();
    const { audit } = await recordedEvents(world.owner);
    expect(audit.filter((event) => event.orgId === someone.orgId).at(-2)).toMatchObject({
      action: 'auth.change_password',
      actorId: someone.id,
      details: { outcome: 'denied', reason: 'wrong_password' },
    });
  });

  it.each(['short', 'password1234', 'x'.repeat(257)])('refuses %s as the new one', async (password) => {
    const someone = await signUp(world);
    await expect(change(someone, PASSWORD, password)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { new_password: expect.any(String) },
    });
  });

  it('gives an account without a password its first one', async () => {
    const someone = await signUp(world);
    await world.owner.query('UPDATE users SET password_hash = NULL WHERE id = $1', [someone.id]);
    await change(someone, undefined);
    expect(await logIn(someone.email, NEW_PASSWORD)).toBeDefined();
    await expect(change(someone, undefined)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('happens once under ten parallel changes from the same password', async () => {
    const someone = await signUp(world);
    const sessions = await Promise.all(
      Array.from({ length: 10 }, async () => human(world, (await logIn(someone.email, PASSWORD)) as string)),
    );
    const passwords = sessions.map((_, index) => `horse number ${index} of the staple`);
    const outcomes = await Promise.all(
      sessions.map((session, index) => change(session, PASSWORD, passwords[index]).catch((error: unknown) => error)),
    );
    expect(outcomes.filter((outcome) => isDomainError(outcome, 'invalid_argument'))).toHaveLength(9);
    const winner = outcomes.findIndex((outcome) => !isDomainError(outcome));
    expect(await logIn(someone.email, passwords[winner]!)).toBeDefined();
    const alive = await Promise.all(sessions.map(({ token }) => refusalOf(world, token)));
    expect(alive.map((refusal) => refusal === '')).toEqual(sessions.map((_, index) => index === winner));
  });

  it('shares the throttle of logins', async () => {
    const someone = await signUp(world);
    for (let tries = 0; tries < 5; tries += 1) await logIn(someone.email, 'wrong horse battery staple');
    for (let tries = 0; tries < 5; tries += 1) await change(someone, 'wrong too').catch(() => undefined);
    await expect(change(someone, PASSWORD)).rejects.toMatchObject({ code: 'rate_limited' });
    const fromElsewhere = { ...someone.call, clientIp: '198.51.100.77' };
    await world.profiles.changePassword({ currentPassword: PASSWORD, newPassword: NEW_PASSWORD }, fromElsewhere);
  });
});
