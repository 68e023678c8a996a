import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeviceLoginStatus } from '@oneclaw/contracts/auth';
import { Pruner } from '../sessions/pruner.js';
import { type AuthWorld, PUBLIC_URL, startAuthWorld } from '../testing/auth-world.js';
import { beginDeviceLogin, passTime, pollDevice } from '../testing/devices.js';
import { recordedEvents } from '../testing/events.js';
import { anonymous, signUp } from '../testing/people.js';
import { keyOf } from '../throttle/throttle-keys.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

const lookUp = (userCode: string, clientIp = '192.0.2.7') =>
  world.devices.getDeviceLogin({ userCode }, { ...anonymous(), clientIp });

describe('the beginning of a device login', () => {
  it('answers both codes, where to enter one and how to poll with the other', async () => {
    const login = await beginDeviceLogin(world);
    expect(login).toEqual({
      deviceCode: expect.stringMatching(/^[\w-]{43}$/),
      userCode: expect.stringMatching(/^[A-Z]{5}-[A-Z]{5}$/),
      verificationUri: `${PUBLIC_URL}/device`,
      verificationUriComplete: `${PUBLIC_URL}/device?user_code=${login.userCode}`,
      expiresInSeconds: 600,
      intervalSeconds: 5,
    });
  });

  it('keeps neither code', async () => {
    const { deviceCode, userCode } = await beginDeviceLogin(world);
    const { rows } = await world.owner.query<{ row: string }>(
      'SELECT row_to_json(d)::text AS row FROM device_logins d',
    );
    const { raw } = await recordedEvents(world.owner);
    for (const code of [deviceCode, userCode, userCode.replace('-', '')]) {
      expect(rows.some(({ row }) => row.includes(code) || row.includes(Buffer.from(code).toString('hex')))).toBe(false);
      expect(raw.includes(code)).toBe(false);
    }
  });

  it.each(['', ' ', 'x'.repeat(129), 'a\nb', 'cli\u202efdp', 'клиент'])(
    'refuses the client_id %j',
    async (clientId) => {
      await expect(beginDeviceLogin(world, clientId)).rejects.toMatchObject({
        code: 'invalid_argument',
        fields: { client_id: expect.any(String) },
      });
    },
  );
});

describe('polling', () => {
  it('is answered with "pending" at the interval, and "slow_down" before', async () => {
    const login = await beginDeviceLogin(world);
    expect((await pollDevice(world, login)).error).toBe('authorization_pending');
    expect((await pollDevice(world, login)).error).toBe('slow_down');
    await passTime(world.owner, login, 6);
    expect((await pollDevice(world, login)).error).toBe('slow_down');
    await passTime(world.owner, login, 15);
    expect((await pollDevice(world, login)).error).toBe('authorization_pending');
    await passTime(world.owner, login, 14);
    expect((await pollDevice(world, login)).error).toBe('slow_down');
  });

  it('ends with the login', async () => {
    const login = await beginDeviceLogin(world);
    await passTime(world.owner, login, 601);
    expect((await pollDevice(world, login)).error).toBe('expired_token');
  });

  it.each(['', 'x', 'A'.repeat(43), '\u0000'])(
    'with the unknown code %j is answered as with an expired one',
    async (deviceCode) => {
      expect((await pollDevice(world, { deviceCode })).error).toBe('expired_token');
    },
  );
});

describe('looking a user code up', () => {
  it('tells which client asks, however the code is typed', async () => {
    const { userCode } = await beginDeviceLogin(world, 'my <b>cli</b>');
    for (const typed of [userCode, userCode.toLowerCase().replace('-', ' ')]) {
      const login = await lookUp(typed);
      expect(login).toMatchObject({ userCode, clientId: 'my <b>cli</b>', status: DeviceLoginStatus.PENDING });
      expect(login.expiresAt!.getTime() - Date.now()).toBeGreaterThan(590_000);
    }
  });

  it('tells that it has expired, for an hour', async () => {
    const login = await beginDeviceLogin(world);
    await passTime(world.owner, login, 601);
    await world.service.get(Pruner).prune();
    expect((await lookUp(login.userCode)).status).toBe(DeviceLoginStatus.EXPIRED);
    await passTime(world.owner, login, 3600);
    await world.service.get(Pruner).prune();
    await expect(lookUp(login.userCode)).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each(['', 'BCDFG', 'BCDFG-HJKLA', '\u0000'])('finds nothing for %j', async (userCode) => {
    await expect(lookUp(userCode)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('can be guessed at twenty times, however many tries come at once, on however many replicas', async () => {
    const other = await world.startReplica();
    const ip = '198.51.100.77';
    const guess = (replica: { devices: AuthWorld['devices'] }) =>
      replica.devices
        .getDeviceLogin({ userCode: 'BBBBB-BBBBB' }, { ...anonymous(), clientIp: ip })
        .then(String, (error: { code: string }) => error.code);
    const outcomes = await Promise.all(Array.from({ length: 40 }, (_, index) => guess(index % 2 ? other : world)));
    expect(outcomes.filter((code) => code === 'not_found')).toHaveLength(20);
    expect(outcomes.filter((code) => code === 'rate_limited')).toHaveLength(20);
    const { userCode } = await beginDeviceLogin(world);
    await expect(lookUp(userCode, ip)).rejects.toMatchObject({ code: 'rate_limited' });
    await expect(lookUp(userCode, '198.51.100.78')).resolves.toMatchObject({ userCode });
  });

  it('is bounded for all addresses together, which stops nobody from deciding', async () => {
    const { userCode } = await beginDeviceLogin(world);
    await lookUp(userCode, '198.51.100.80');
    const everybody = keyOf('device_code', { scope: 'account' }, { account: '', ip: '' });
    const failures = Array.from({ length: 1000 }, () => Date.now());
    await world.owner.query('UPDATE throttles SET failures = $1 WHERE key = $2', [failures, everybody]);
    await expect(lookUp(userCode, '198.51.100.81')).rejects.toMatchObject({ code: 'rate_limited' });
    await world.deviceDecisions.denyDeviceLogin({ userCode }, (await signUp(world)).call);
    await world.owner.query('DELETE FROM throttles WHERE key = $1', [everybody]);
  });
});
