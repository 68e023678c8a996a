import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import { type AuthWorld, PLATFORM_ADMIN, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { platformAdmin } from '../testing/orgs.js';
import { PASSWORD, signUp } from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

const owners = async () =>
  (
    await world.owner.query<{ email: string }>(
      'SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.org_id = $1',
      [PLATFORM_ORG_ID],
    )
  ).rows.map(({ email }) => email);

/** As if nobody had ever started this. */
async function forget(): Promise<void> {
  await world.owner.query('DELETE FROM users WHERE email = $1', [PLATFORM_ADMIN.email]);
  await world.owner.query('DELETE FROM orgs WHERE id = $1', [PLATFORM_ORG_ID]);
}

describe('the first start', () => {
  it('makes the platform’s org and its owner, who can log in, with a verified address', async () => {
    const admin = await platformAdmin(world);
    expect((await world.accounts.getProfile({}, admin.call)).profile).toMatchObject({
      orgId: PLATFORM_ORG_ID,
      role: 'owner',
      emailVerified: true,
    });
    const { audit, identity, raw } = await recordedEvents(world.owner);
    expect(audit.filter(({ action }) => action === 'admin.bootstrap')).toMatchObject([
      { orgId: PLATFORM_ORG_ID, actorType: 'system', resourceId: admin.id },
    ]);
    expect(identity.filter(({ orgId }) => orgId === PLATFORM_ORG_ID).map(({ kind }) => kind)).toEqual([
      'user.email_verified',
      'org.created',
      'user.created',
    ]);
    expect(raw.includes(PLATFORM_ADMIN.password)).toBe(false);
  });

  it('happens once: later ones need no settings, and change nothing', async () => {
    await world.startReplica({ PLATFORM_ADMIN_EMAIL: 'another@platform.test' });
    await world.startReplica({ PLATFORM_ADMIN_EMAIL: undefined, PLATFORM_ADMIN_PASSWORD_FILE: undefined });
    expect(await owners()).toEqual([PLATFORM_ADMIN.email]);
  });

  it('of three replicas at once makes one owner', async () => {
    await forget();
    await Promise.all([world.startReplica(), world.startReplica(), world.startReplica()]);
    expect(await owners()).toEqual([PLATFORM_ADMIN.email]);
  });

  it.each([
    ['no address', { PLATFORM_ADMIN_EMAIL: undefined }, /PLATFORM_ADMIN_EMAIL and PLATFORM_ADMIN_PASSWORD_FILE/],
    [
      'no password',
      { PLATFORM_ADMIN_PASSWORD_FILE: undefined },
      /PLATFORM_ADMIN_EMAIL and PLATFORM_ADMIN_PASSWORD_FILE/,
    ],
    ['what is no address', { PLATFORM_ADMIN_EMAIL: 'root' }, /PLATFORM_ADMIN_EMAIL: must be an email address/],
    ['a short password', { PLATFORM_ADMIN_PASSWORD_FILE: 'short' }, /PLATFORM_ADMIN_PASSWORD_FILE.*at least 12/],
    [
      'an easy password',
      { PLATFORM_ADMIN_PASSWORD_FILE: 'password1234' },
      /PLATFORM_ADMIN_PASSWORD_FILE.*easy to guess/,
    ],
  ])('does not happen with %s', async (_what, settings, message) => {
    await forget();
    await expect(world.startReplica(settings)).rejects.toThrow(message);
    expect(await owners()).toEqual([]);
  });

  it('does not promote an account that somebody has opened with the address', async () => {
    await forget();
    const squatter = await signUp(world, PLATFORM_ADMIN.email);
    await expect(world.startReplica()).rejects.toThrow('PLATFORM_ADMIN_EMAIL: there is an account with this address');
    expect(await owners()).toEqual([]);
    const { token } = await world.accounts.logIn({ email: squatter.email, password: PASSWORD }, squatter.call);
    expect(token).toBeDefined();
  });
});
