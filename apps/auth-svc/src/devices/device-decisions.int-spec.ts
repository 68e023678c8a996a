import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeviceLoginStatus } from '@oneclaw/contracts/auth';
import { decodeJwt } from 'jose';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { beginDeviceLogin, passTime, pollDevice } from '../testing/devices.js';
import { recordedEvents } from '../testing/events.js';
import { agentCall, anonymous, createAgent, human, PASSWORD, refusalOf, signUp } from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

const approve = (userCode: string, { call }: Pick<Awaited<ReturnType<typeof signUp>>, 'call'>) =>
  world.deviceDecisions.approveDeviceLogin({ userCode }, call);
const deny = (userCode: string, { call }: Pick<Awaited<ReturnType<typeof signUp>>, 'call'>) =>
  world.deviceDecisions.denyDeviceLogin({ userCode }, call);

const statusOf = async (userCode: string) => (await world.devices.getDeviceLogin({ userCode }, anonymous())).status;

describe('approving', () => {
  it("gives the device a session of the approver's, for a day", async () => {
    const [ada, login] = [await signUp(world), await beginDeviceLogin(world)];
    await approve(login.userCode.toLowerCase(), ada);
    expect(await statusOf(login.userCode)).toBe(DeviceLoginStatus.APPROVED);
    const { session } = await pollDevice(world, login);
    expect(session).toMatchObject({ email: ada.email, userId: ada.id, orgId: ada.orgId });
    const { accessToken, expiresInSeconds } = session!.token!;
    expect(expiresInSeconds).toBe(86_400);
    expect(decodeJwt(accessToken)).toMatchObject({ sub: `user:${ada.id}`, org: ada.orgId, role: 'owner' });
    const { results } = await world.sessions.resolveCallers({ tokens: [accessToken] }, anonymous());
    expect(results[0]!.caller).toMatchObject({ principalId: ada.id, sessionKind: 'device' });
  });

  it('leaves events of the approval and of the login', async () => {
    const [ada, login] = [await signUp(world), await beginDeviceLogin(world, 'laptop')];
    await approve(login.userCode, ada);
    await pollDevice(world, login);
    const { audit } = await recordedEvents(world.owner);
    const events = audit.filter((event) => event.actorId === ada.id).slice(-2);
    expect(events).toMatchObject([
      { action: 'auth.device_approve', details: { method: 'device', client_id: 'laptop' } },
      { action: 'auth.success', details: { method: 'device' } },
    ]);
  });

  it('gives one session to twenty parallel polls on two replicas', async () => {
    const other = await world.startReplica();
    const [ada, login] = [await signUp(world), await beginDeviceLogin(world)];
    await approve(login.userCode, ada);
    const polls = await Promise.all(
      Array.from({ length: 20 }, (_, index) => pollDevice(index % 2 ? other : world, login)),
    );
    expect(polls.filter(({ session }) => session)).toHaveLength(1);
    expect(polls.filter(({ error }) => error === 'expired_token')).toHaveLength(19);
    const { rows } = await world.owner.query(`SELECT FROM sessions WHERE principal_id = $1 AND kind = 'device'`, [
      ada.id,
    ]);
    expect(rows).toHaveLength(1);
    expect((await pollDevice(world, login)).error).toBe('expired_token');
  });

  it('is void once the approver has changed the password, fetched or not', async () => {
    const ada = await signUp(world);
    const [early, late] = [await beginDeviceLogin(world), await beginDeviceLogin(world)];
    await approve(early.userCode, ada);
    await approve(late.userCode, ada);
    const { session } = await pollDevice(world, early);
    const change = { currentPassword: PASSWORD, newPassword: 'another correct horse battery' };
    await world.profiles.changePassword(change, ada.call);
    expect(await refusalOf(world, session!.token!.accessToken)).not.toBe('');
    expect((await pollDevice(world, late)).error).toBe('access_denied');
  });

  it('does not work with a session that is void by now', async () => {
    const [ada, login] = [await signUp(world), await beginDeviceLogin(world)];
    await world.sessions.revokeToken({ token: ada.token }, anonymous());
    await expect(approve(login.userCode, ada)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await statusOf(login.userCode)).toBe(DeviceLoginStatus.PENDING);
  });

  it('goes with the account', async () => {
    const [ada, login] = [await signUp(world), await beginDeviceLogin(world)];
    await approve(login.userCode, ada);
    await world.profiles.deleteAccount({ confirmation: 'DELETE MY ACCOUNT' }, ada.call);
    expect((await pollDevice(world, login)).error).toBe('expired_token');
  });
});

describe('denying', () => {
  it('turns the device away, and leaves an event', async () => {
    const [ada, login] = [await signUp(world), await beginDeviceLogin(world, 'stranger')];
    await deny(login.userCode, ada);
    expect(await statusOf(login.userCode)).toBe(DeviceLoginStatus.DENIED);
    for (let poll = 0; poll < 2; poll += 1) expect((await pollDevice(world, login)).error).toBe('access_denied');
    const { audit } = await recordedEvents(world.owner);
    expect(audit.filter((event) => event.actorId === ada.id).at(-1)).toMatchObject({
      action: 'auth.failure',
      details: { method: 'device', outcome: 'denied', reason: 'denied_by_user', client_id: 'stranger' },
    });
  });
});

describe('of two decisions', () => {
  it('the first one stands', async () => {
    const [ada, bob, login] = [await signUp(world), await signUp(world), await beginDeviceLogin(world)];
    await deny(login.userCode, ada);
    for (const attempt of [approve(login.userCode, bob), approve(login.userCode, ada), deny(login.userCode, ada)])
      await expect(attempt).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('denied') });
    expect((await pollDevice(world, login)).error).toBe('access_denied');
  });

  it('at the same moment one wins, and the session is the winner’s', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => signUp(world)));
    const login = await beginDeviceLogin(world);
    const outcomes = await Promise.allSettled(people.map((person) => approve(login.userCode, person)));
    const winners = people.filter((_, index) => outcomes[index]!.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect((await pollDevice(world, login)).session!.userId).toBe(winners[0]!.id);
  });
});

describe('a decision', () => {
  it('comes too late after ten minutes', async () => {
    const [ada, login] = [await signUp(world), await beginDeviceLogin(world)];
    await passTime(world.owner, login, 601);
    await expect(approve(login.userCode, ada)).rejects.toMatchObject({ code: 'conflict' });
  });

  it.each(['', 'BCDFG-HJKLM', 'nonsense'])('on %j finds nothing', async (userCode) => {
    await expect(approve(userCode, await signUp(world))).rejects.toMatchObject({ code: 'not_found' });
  });

  it('can be guessed at twenty times by one person', async () => {
    const ada = await signUp(world);
    const guess = () => approve('BBBBB-BBBBB', ada).catch((error: { code: string }) => error.code);
    const outcomes = await Promise.all(Array.from({ length: 30 }, guess));
    expect(outcomes.filter((code) => code === 'not_found')).toHaveLength(20);
    expect(outcomes.filter((code) => code === 'rate_limited')).toHaveLength(10);
  });

  it('is for people who have logged in: not for agents, nor for devices', async () => {
    const owner = await signUp(world);
    const { apiKey } = await createAgent(world, owner);
    const first = await beginDeviceLogin(world);
    await approve(first.userCode, owner);
    const device = await human(world, (await pollDevice(world, first)).session!.token!.accessToken);
    const { userCode } = await beginDeviceLogin(world);
    for (const call of [await agentCall(world, apiKey), device.call])
      for (const attempt of [approve(userCode, { call }), deny(userCode, { call })])
        await expect(attempt).rejects.toMatchObject({ code: 'permission_denied' });
    expect(await statusOf(userCode)).toBe(DeviceLoginStatus.PENDING);
    const { audit } = await recordedEvents(world.owner);
    const denied = audit.filter((event) => event.actorId === owner.id && event.details['outcome'] === 'denied');
    expect(denied.map(({ action }) => action).sort()).toEqual(['auth.device_approve', 'auth.device_deny']);
  });
});
