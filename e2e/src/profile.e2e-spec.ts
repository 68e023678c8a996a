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
