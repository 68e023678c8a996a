import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { agentCall, createAgent, signUp } from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

describe('changing the profile', () => {
  it('replaces what is given, keeps the rest and answers the whole', async () => {
    const { call, id } = await signUp(world);
    await world.profiles.updateProfile({ displayName: ' Ada L. ', marketingEmails: true }, call);
    const { profile } = await world.profiles.updateProfile({ marketingEmails: false }, call);
    expect(profile).toMatchObject({ id, displayName: 'Ada L.', marketingEmails: false });
    const cleared = await world.profiles.updateProfile({ displayName: '' }, call);
    expect(cleared.profile!.displayName).toBeUndefined();
    expect((await world.accounts.getProfile({}, call)).profile).toEqual(cleared.profile);
  });

  it('leaves an event that names the fields and not what is in them', async () => {
    const { call, id, orgId } = await signUp(world);
    await world.profiles.updateProfile({ displayName: 'Planted Name' }, call);
    await world.profiles.updateProfile({}, call);
    const { audit, raw } = await recordedEvents(world.owner);
    const changes = audit.filter((event) => event.orgId === orgId && event.action === 'auth.update_profile');
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ actorId: id, resourceId: id, details: { fields: ['display_name'] } });
    expect(raw.includes('Planted Name')).toBe(false);
  });

  it.each([
    ['that is too long', 'x'.repeat(129)],
    ['with a NUL', 'a\u0000b'],
    ['of two lines', 'a\nb'],
  ])('refuses a name %s', async (_what, displayName) => {
    const { call } = await signUp(world);
    await expect(world.profiles.updateProfile({ displayName }, call)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { display_name: expect.any(String) },
    });
  });

  it('is for people', async () => {
    const owner = await signUp(world);
    const { apiKey } = await createAgent(world, owner);
    const asAgent = await agentCall(world, apiKey);
    const attempts = [
      () => world.profiles.updateProfile({}, asAgent),
      () => world.profiles.changePassword({ newPassword: 'x' }, asAgent),
      () => world.profiles.deleteAccount({ confirmation: 'DELETE MY ACCOUNT' }, asAgent),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'permission_denied' });
  });
});
