import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DevicePollError } from '@oneclaw/contracts/auth';
import { type Send, send } from '../testing/http-client.js';
import { StubWorld } from '../testing/stub-world.js';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

let world: StubWorld;
let port: number;

beforeAll(async () => {
  world = await StubWorld.start();
  ({ httpPort: port } = await world.gateway({ DEVICE_CODES_PER_MINUTE: '3' }));
  world.auth.devices.beginDeviceLogin = async ({ clientId }) => ({
    deviceCode: `code of ${clientId}`,
    userCode: 'BCDFG-HJKLM',
    verificationUri: 'https://oneclaw.test/device',
    verificationUriComplete: 'https://oneclaw.test/device?user_code=BCDFG-HJKLM',
    expiresInSeconds: 600,
    intervalSeconds: 5,
  });
  world.auth.devices.pollDeviceLogin = async () => ({ session: undefined, error: DevicePollError.SLOW_DOWN });
});

afterAll(() => world?.close());

const ask = async (line: string, options: Send = {}) => {
  const { status, text } = await send(port, line, options);
  return { status, body: JSON.parse(text) as Record<string, unknown> };
};

it('device codes have a bucket of their own, which polls do not drain', async () => {
  const begin = () => ask('POST /v1/auth/device/code', { body: { client_id: 'cli' } });
  for (let code = 0; code < 3; code += 1)
    expect(await begin()).toEqual({
      status: 200,
      body: {
        device_code: 'code of cli',
        user_code: 'BCDFG-HJKLM',
        verification_uri: 'https://oneclaw.test/device',
        verification_uri_complete: 'https://oneclaw.test/device?user_code=BCDFG-HJKLM',
        expires_in: 600,
        interval: 5,
      },
    });
  expect((await begin()).status).toBe(429);
  const poll = { body: { device_code: 'x', grant_type: GRANT_TYPE } };
  expect(await ask('POST /v1/auth/device/token', poll)).toEqual({ status: 200, body: { error: 'slow_down' } });
});

describe('a poll needs', () => {
  it.each([
    [{ grant_type: GRANT_TYPE }, 'device_code'],
    [{ device_code: 'x' }, 'grant_type'],
    [{ device_code: 'x', grant_type: 'password' }, 'grant_type'],
    [{ device_code: 7, grant_type: GRANT_TYPE }, 'device_code'],
  ])('more than %j', async (body, field) => {
    const answer = await ask('POST /v1/auth/device/token', { body });
    expect(answer).toMatchObject({ status: 400, body: { fields: { [field]: expect.any(String) } } });
  });
});

it.each(['approve', 'deny'])('API keys and agents may not %s devices', async (verb) => {
  const agent = await world.auth.newCaller({ type: 'agent' });
  const key = await world.auth.newCaller({ sessionKind: 'api_key' });
  for (const { token } of [agent, key]) {
    const answer = await ask(`POST /v1/auth/device/${verb}`, { token, body: { user_code: 'BCDFG-HJKLM' } });
    expect(answer.status).toBe(403);
  }
  expect((await ask(`POST /v1/auth/device/${verb}`, { body: {} })).status).toBe(401);
  expect(world.auth.refusals.slice(-2).map(({ action }) => action)).toEqual(Array(2).fill(`auth.device_${verb}`));
});
