import { describe, expect, it } from '@jest/globals';
import { countOf } from './answer.js';
import type { Api } from './client.js';
import { newDevice, poll } from './devices.js';
import { by, trailWith } from './trail.js';
import type { Profile } from './types.js';
import { claimsOf, gateway, gateways, newAgent, newOwner } from './world.js';

const statusOf = (userCode: string, at: Api = gateway()) => at.get(`/v1/auth/device/code/${userCode}`);
const decide = (verb: 'approve' | 'deny', api: Api, userCode: unknown) =>
  api.post(`/v1/auth/device/${verb}`, { user_code: userCode });

describe('POST /v1/auth/device/code', () => {
  it('answers a secret for the device and a code for people, at least 40 bits of it', async () => {
    const device = await newDevice();
    expect(device.device_code).toMatch(/^[\w-]{43}$/);
    expect(device.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{5}-[BCDFGHJKLMNPQRSTVWXZ]{5}$/);
    expect([device.expires_in, device.interval]).toEqual([600, 5]);
    expect(new URL(device.verification_uri).pathname).toBe('/device');
    expect(device.verification_uri_complete).toBe(`${device.verification_uri}?user_code=${device.user_code}`);
  });

  it.each([undefined, '', 7, null, 'x'.repeat(129), 'a\nb', 'клиент'])(
    'refuses the client_id %p',
    async (client_id) => {
      (await gateway().post('/v1/auth/device/code', { client_id })).invalid('client_id');
    },
  );

  it('answers 60 a minute to one address', async () => {
    const api = gateway();
    const ask = () => api.post('/v1/auth/device/code', { client_id: 'cli' });
    const answers = await Promise.all(Array.from({ length: 80 }, ask));
    expect(countOf(answers, 200)).toBeGreaterThanOrEqual(60);
    expect(countOf(answers, 429)).toBeGreaterThanOrEqual(10);
    expect(answers.find(({ status }) => status === 429)?.header('retry-after')).toMatch(/^[1-9]\d*$/);
  });
});

describe('a device that polls', () => {
  it('is told to wait, and to slow down when it does not', async () => {
    const device = await newDevice();
    expect(await poll(device)).toEqual({ error: 'authorization_pending' });
    expect(await poll(device)).toEqual({ error: 'slow_down' });
  });

  it('gets a token of the person who approved, for a day', async () => {
    const [owner, device] = [await newOwner(), await newDevice()];
    expect((await decide('approve', owner.api, device.user_code.toLowerCase())).as(200)).toEqual({
      status: 'approved',
    });
    const token = await poll(device);
    expect(token).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 86_400,
      email: owner.email,
      user_id: owner.id,
      org_id: owner.orgId,
    });
    const claims = claimsOf(token.access_token as string);
    expect(claims).toMatchObject({ sub: `user:${owner.id}`, org: owner.orgId, role: 'owner', email: owner.email });
    expect(claims.exp - claims.iat).toBe(86_400);
    const me = (await gateway().as(token.access_token).get('/v1/auth/me')).as<Profile>(200);
    expect(me.id).toBe(owner.id);
    expect(await poll(device)).toEqual({ error: 'expired_token' });
    const method = (event: { details: Record<string, unknown> }) => event.details['method'] === 'device';
    await trailWith(owner.api, (event) => by('auth.success', owner.id)(event) && method(event));
  });

  it('gets one token from twenty parallel polls of two gateways', async () => {
    const [owner, device, both] = [await newOwner(), await newDevice(), gateways()];
    (await decide('approve', owner.api, device.user_code)).as(200);
    const polls = await Promise.all(Array.from({ length: 20 }, (_, index) => poll(device, both[index % both.length])));
    expect(polls.filter((answer) => answer.access_token)).toHaveLength(1);
    expect(polls.filter((answer) => answer.error === 'expired_token')).toHaveLength(19);
  });

  it('is turned away where the person denies, and the trail has it', async () => {
    const [owner, device] = [await newOwner(), await newDevice(undefined, 'stranger')];
    expect((await decide('deny', owner.api, device.user_code)).as(200)).toEqual({ status: 'denied' });
    expect(await poll(device)).toEqual({ error: 'access_denied' });
    const [denied] = (await trailWith(owner.api, by('auth.failure', owner.id))).filter(by('auth.failure', owner.id));
    expect(denied?.details).toMatchObject({ method: 'device', outcome: 'denied', client_id: 'stranger' });
  });

  it.each(['x', 'A'.repeat(43)])('with the unknown code %p is told that it has expired', async (device_code) => {
    expect(await poll({ device_code })).toEqual({ error: 'expired_token' });
  });

  it.each([
    [{ device_code: 'x' }, 'grant_type'],
    [{ device_code: 'x', grant_type: 'password' }, 'grant_type'],
    [{ device_code: null, grant_type: 'urn:ietf:params:oauth:grant-type:device_code' }, 'device_code'],
  ])('must say more than %j', async (body, field) => {
    (await gateway().post('/v1/auth/device/token', body)).invalid(field);
  });
});

describe('GET /v1/auth/device/code/:user_code', () => {
  it('tells anybody with the code which client asks, and what became of it', async () => {
    const device = await newDevice(undefined, 'cli <b>');
    const typed = device.user_code.replace('-', '').toLowerCase();
    expect((await statusOf(typed)).as(200)).toEqual({
      user_code: device.user_code,
      client_id: 'cli <b>',
      status: 'pending',
      expires_at: expect.any(String),
    });
    (await decide('deny', (await newOwner()).api, device.user_code)).as(200);
    expect((await statusOf(device.user_code)).as(200)).toMatchObject({ status: 'denied' });
  });

  it.each(['BBBBB-BBBBB', 'nonsense', '%20', '%F0%9F%A6%80'])('finds nothing for %s', async (code) => {
    (await statusOf(code)).refused(404);
  });

  it('may be guessed at twenty times by one address, over two gateways', async () => {
    const both = gateways();
    const guess = (_: unknown, index: number) => statusOf('BBBBB-BBBBB', both[index % both.length]);
    const answers = await Promise.all(Array.from({ length: 30 }, guess));
    expect([countOf(answers, 404), countOf(answers, 429)]).toEqual([20, 10]);
    (await statusOf((await newDevice()).user_code)).as(200);
  });
});

describe('a decision', () => {
  it('stands: others come too late', async () => {
    const [owner, other, device] = [await newOwner(), await newOwner(), await newDevice()];
    (await decide('deny', owner.api, device.user_code)).as(200);
    (await decide('approve', other.api, device.user_code)).refused(409);
    (await decide('approve', owner.api, device.user_code)).refused(409);
    expect(await poll(device)).toEqual({ error: 'access_denied' });
  });

  it('of two people at the same moment is one of theirs', async () => {
    const [owners, device] = [[await newOwner(), await newOwner()], await newDevice()];
    const both = gateways();
    const attempts = owners.map(({ api }, index) =>
      decide('approve', (both[index % both.length] as Api).as(api.token), device.user_code),
    );
    const answers = await Promise.all(attempts);
    expect([countOf(answers, 200), countOf(answers, 409)]).toEqual([1, 1]);
    const winner = owners[answers.findIndex(({ status }) => status === 200)];
    expect((await poll(device)).user_id).toBe(winner?.id);
  });

  it('needs a person who has logged in', async () => {
    const [owner, device] = [await newOwner(), await newDevice()];
    const first = await newDevice();
    (await decide('approve', owner.api, first.user_code)).as(200);
    const { access_token: deviceToken } = await poll(first);
    const key = (await owner.api.post('/v1/auth/api-keys', { name: 'a key' })).as<{ api_key: string }>(201);
    const agent = await newAgent(owner);
    for (const verb of ['approve', 'deny'] as const) {
      for (const token of [deviceToken, key.api_key, agent.api.token])
        (await decide(verb, gateway().as(token), device.user_code)).refused(403);
      (await decide(verb, gateway(), device.user_code)).refused(401);
      (await decide(verb, owner.api, 'BBBBB-BBBBB')).refused(404);
      for (const wrong of [undefined, '', 7, null]) (await decide(verb, owner.api, wrong)).invalid('user_code');
    }
    expect((await statusOf(device.user_code)).as(200)).toMatchObject({ status: 'pending' });
  });

  it('dies with the password: devices that were approved before it changed are out', async () => {
    const owner = await newOwner();
    const [fetched, unfetched] = [await newDevice(), await newDevice()];
    for (const { user_code } of [fetched, unfetched]) (await decide('approve', owner.api, user_code)).as(200);
    const { access_token } = await poll(fetched);
    const passwords = { current_password: owner.password, new_password: `${owner.password} and more` };
    (await owner.api.post('/v1/auth/change-password', passwords)).empty();
    (await gateway().as(access_token).get('/v1/auth/me')).refused(401);
    expect(await poll(unfetched)).toEqual({ error: 'access_denied' });
  });
});
