import { describe, expect, it } from '@jest/globals';
import type { Profile } from './types.js';
import { gateway, newAgent, newOwner } from './world.js';

describe('GET /v1/auth/me', () => {
  it('shows a person their profile', async () => {
    const owner = await newOwner();
    expect((await owner.api.get('/v1/auth/me')).as<Profile>(200)).toMatchObject({
      id: owner.id,
      email: owner.email,
      auth_method: 'password',
      role: 'owner',
      email_verified: false,
      totp_enabled: false,
      org_id: owner.orgId,
    });
  });

  it('is not for agents', async () => {
    const agent = await newAgent(await newOwner());
    (await agent.api.get('/v1/auth/me')).refused(403);
  });

  it('needs a token', async () => {
    (await gateway().get('/v1/auth/me')).refused(401);
  });
});

describe('PATCH /v1/auth/me', () => {
  it('changes what is given, keeps what is not, and clears what is null', async () => {
    const { api } = await newOwner();
    const patch = async (body: object) => (await api.send('PATCH', '/v1/auth/me', body)).as<Profile>(200);
    expect(await patch({ display_name: 'Ada L.', marketing_emails: true })).toMatchObject({
      display_name: 'Ada L.',
      marketing_emails: true,
    });
    expect(await patch({ marketing_emails: null })).toMatchObject({ display_name: 'Ada L.', marketing_emails: false });
    expect((await patch({ display_name: null })).display_name ?? null).toBeNull();
    expect(await patch({})).toEqual((await api.get('/v1/auth/me')).as<Profile>(200));
  });

  it('changes nothing else, whatever the body says', async () => {
    const { api } = await newOwner();
    const before = (await api.get('/v1/auth/me')).as<Profile>(200);
    const other = await newOwner();
    const body = {
      id: other.id,
      org_id: other.orgId,
      role: 'admin',
      email: other.email,
      email_verified: true,
      totp_enabled: true,
      auth_method: 'google',
      created_at: '2020-01-01T00:00:00Z',
      password_hash: 'x',
    };
    expect((await api.send('PATCH', '/v1/auth/me', body)).as<Profile>(200)).toEqual(before);
  });

  it.each([
    ['display_name', 'x'.repeat(129)],
    ['display_name', ''],
    ['display_name', 'a\u0000b'],
    ['display_name', 7],
    ['marketing_emails', 'yes'],
  ])('refuses a wrong %s', async (field, value) => {
    const { api } = await newOwner();
    (await api.send('PATCH', '/v1/auth/me', { [field]: value })).invalid(field);
  });

  it('is not for agents', async () => {
    const agent = await newAgent(await newOwner());
    (await agent.api.send('PATCH', '/v1/auth/me', { display_name: 'x' })).refused(403);
  });
});
