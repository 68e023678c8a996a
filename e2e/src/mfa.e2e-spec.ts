import { describe, expect, it } from '@jest/globals';
import { Authenticator, newOwnerWithMfa, type OwnerWithMfa } from './authenticator.js';
import { by, denied, trailWith } from './trail.js';
import type { Login, MfaSetup, Profile, Token } from './types.js';
import { gateway, newAgent, newApiKey, newOwner, type Owner } from './world.js';

const isOn = async ({ api }: Owner) => (await api.get('/v1/auth/mfa/status')).as<{ enabled: boolean }>(200).enabled;
const disable = ({ api }: Owner, body?: unknown) => api.send('DELETE', '/v1/auth/mfa', body);

async function begin({ api }: Owner): Promise<Authenticator> {
  return new Authenticator((await api.post('/v1/auth/mfa/setup')).as<MfaSetup>(200).secret);
}

describe('turning MFA on', () => {
  it('shows a secret as text, URI and image, and is on after a code', async () => {
    const owner = await newOwner();
    expect(await isOn(owner)).toBe(false);
    const answer = await owner.api.post('/v1/auth/mfa/setup');
    const { otpauth_uri, secret } = answer.as<MfaSetup>(200);
    expect(answer.header('cache-control')).toBe('no-store');
    const uri = new URL(otpauth_uri);
    expect(decodeURIComponent(uri.pathname)).toContain(owner.email);
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({
      secret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect(await isOn(owner)).toBe(false);
    const code = new Authenticator(secret).next();
    (await owner.api.post('/v1/auth/mfa/verify-setup', { code })).as(200);
    expect(await isOn(owner)).toBe(true);
    expect((await owner.api.get('/v1/auth/me')).as<Profile>(200).totp_enabled).toBe(true);
    await trailWith(owner.api, by('mfa.enable', owner.id));
  });

  it('may be begun anew, and the last secret counts', async () => {
    const owner = await newOwner();
    const [first, second] = [await begin(owner), await begin(owner)];
    (await owner.api.post('/v1/auth/mfa/verify-setup', { code: first.next() })).invalid('code');
    (await owner.api.post('/v1/auth/mfa/verify-setup', { code: second.next() })).as(200);
  });

  it('is refused while it is on', async () => {
    const { api, authenticator } = await newOwnerWithMfa();
    (await api.post('/v1/auth/mfa/setup')).refused(409);
    (await api.post('/v1/auth/mfa/verify-setup', { code: authenticator.next() })).refused(400);
  });

  it('needs a right code of a setup that was begun', async () => {
    const owner = await newOwner();
    (await owner.api.post('/v1/auth/mfa/verify-setup', { code: '123456' })).refused(400);
    const authenticator = await begin(owner);
    (await owner.api.post('/v1/auth/mfa/verify-setup', { code: authenticator.wrong() })).invalid('code');
    for (const body of [{}, { code: null }, { code: 123456 }, { code: '' }, { code: ['123456'] }]) {
      (await owner.api.post('/v1/auth/mfa/verify-setup', body)).invalid('code');
    }
    (await owner.api.post('/v1/auth/mfa/verify-setup')).refused(400);
    expect(await isOn(owner)).toBe(false);
  });
});

describe('turning MFA off', () => {
  it.each<[string, (owner: OwnerWithMfa) => object]>([
    ['a code', ({ authenticator }) => ({ code: authenticator.next() })],
    ['a recovery code', ({ recoveryCodes }) => ({ code: recoveryCodes[0] })],
    ['the password', ({ password }) => ({ password })],
    ['the password, where the code is null', ({ password }) => ({ code: null, password })],
  ])('takes %s', async (_, proofOf) => {
    const owner = await newOwnerWithMfa();
    (await disable(owner, proofOf(owner))).empty();
    expect(await isOn(owner)).toBe(false);
    const { email, password } = owner;
    const login = (await gateway().post('/v1/auth/token', { email, password })).as<Login>(200);
    expect(login.access_token).not.toBe('');
    await trailWith(owner.api, by('mfa.disable', owner.id));
  });

  it('is refused with anything else', async () => {
    const owner = await newOwnerWithMfa();
    (await disable(owner, { code: owner.authenticator.wrong() })).invalid('code');
    (await disable(owner, { code: owner.authenticator.used() })).invalid('code');
    (await disable(owner, { password: 'not the password' })).invalid('password');
    for (const body of [{}, { code: 123456 }, { password: true }, undefined]) (await disable(owner, body)).refused(400);
    expect(await isOn(owner)).toBe(true);
    await trailWith(owner.api, (event) => event.action === 'mfa.disable' && denied(event));
  });

  it('is refused where it is not on', async () => {
    const owner = await newOwner();
    (await disable(owner, { password: owner.password })).refused(400);
  });
});

describe('MFA', () => {
  it('is not for agents, nor to be changed with API keys', async () => {
    const owner = await newOwner();
    const { api: agent } = await newAgent(owner);
    const { api_key } = await newApiKey(owner);
    const exchanged = await gateway().post('/v1/auth/api-key-token', { api_key });
    for (const api of [agent, owner.api.as(api_key), owner.api.as(exchanged.as<Token>(200).access_token)]) {
      (await api.post('/v1/auth/mfa/setup')).refused(403);
      (await api.post('/v1/auth/mfa/verify-setup', { code: '123456' })).refused(403);
      (await disable({ ...owner, api }, { password: owner.password })).refused(403);
    }
    (await agent.get('/v1/auth/mfa/status')).refused(403);
    (await owner.api.as(api_key).get('/v1/auth/mfa/status')).as(200);
    await trailWith(owner.api, (event) => event.action === 'mfa.enable' && denied(event));
  });

  it('is nobody else’s business: there are no routes to it without a token', async () => {
    for (const [method, path] of [
      ['GET', '/v1/auth/mfa/status'],
      ['POST', '/v1/auth/mfa/setup'],
      ['POST', '/v1/auth/mfa/verify-setup'],
      ['DELETE', '/v1/auth/mfa'],
    ] as const) {
      (await gateway().send(method, path)).refused(401);
    }
  });
});
