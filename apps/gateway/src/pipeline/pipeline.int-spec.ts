import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DomainError } from '@oneclaw/errors';
import { eventually, startNats } from '@oneclaw/testing';
import { problemOf, send, sendBytes } from '../testing/http-client.js';
import { StubWorld } from '../testing/stub-world.js';

const ID = '0191e3c4-1111-7000-8000-000000000001';

let world: StubWorld;
let port: number;

beforeAll(async () => {
  world = await StubWorld.start();
  world.vaults.listVaults = async () => ({ vaults: [] });
  ({ httpPort: port } = await world.gateway());
});

afterEach(() => {
  world.auth.refusals.length = 0;
  world.usage.length = 0;
});

afterAll(() => world?.close());

describe('rate limits', () => {
  it('refuse with the time to wait, after the route and before the token', async () => {
    const { httpPort } = await world.gateway({ RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '3' });
    const statuses = [];
    for (let round = 0; round < 5; round += 1)
      statuses.push((await send(httpPort, 'GET /v1/vaults', { token: 'x' })).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    const refusal = await send(httpPort, 'GET /v1/health');
    expect(refusal.status).toBe(429);
    expect(refusal.headers['retry-after']).toBe('1');
    expect((await send(httpPort, 'GET /v1/nothing')).status).toBe(404);
    expect((await send(httpPort, 'PUT /v1/vaults')).status).toBe(405);
  });

  it('count the client behind a trusted proxy, and no header from anyone else', async () => {
    const limits = { RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '1' };
    const trusting = await world.gateway({ ...limits, TRUSTED_PROXIES: '127.0.0.0/8' });
    const from = (gateway: { httpPort: number }, address: string) =>
      send(gateway.httpPort, 'GET /v1/health', { headers: { 'x-forwarded-for': address } });
    expect((await from(trusting, '198.51.100.1')).status).toBe(200);
    expect((await from(trusting, '198.51.100.2')).status).toBe(200);
    expect((await from(trusting, '1.1.1.1, 198.51.100.1')).status).toBe(429);
    const wary = await world.gateway(limits);
    expect((await from(wary, '198.51.100.1')).status).toBe(200);
    expect((await from(wary, '198.51.100.2')).status).toBe(429);
  });

  it('count an address once however the header spells it, and a /64 of IPv6 as one', async () => {
    const limits = { RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '1', TRUSTED_PROXIES: '127.0.0.0/8' };
    const { httpPort } = await world.gateway(limits);
    const statusFor = async (...lines: string[]) => {
      const headers = lines.map((line) => `X-Forwarded-For: ${line}\r\n`).join('');
      const answer = await sendBytes(
        httpPort,
        `GET /v1/health HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`,
      );
      return Number(answer.split(' ')[1]);
    };
    expect(await statusFor('198.51.100.1')).toBe(200);
    expect(await statusFor('192.0.2.1', '198.51.100.1')).toBe(429);
    expect(await statusFor('192.0.2.1', '::ffff:c633:6401')).toBe(429);
    expect(await statusFor('192.0.2.1', '198.51.100.1:4711')).toBe(429);
    expect(await statusFor('2001:db8:0:1::1')).toBe(200);
    expect(await statusFor('2001:DB8:0:1:ffff::2')).toBe(429);
    expect(await statusFor('2001:db8:0:2::1')).toBe(200);
    expect(await statusFor('nonsense')).toBe(200);
    expect(await statusFor('more nonsense')).toBe(429);
  });

  it('are stricter for signups, which count whatever comes of them', async () => {
    const { httpPort } = await world.gateway({ SIGNUPS_PER_HOUR: '2' });
    const signUp = () => send(httpPort, 'POST /v1/auth/signup', { body: {} });
    expect([(await signUp()).status, (await signUp()).status]).toEqual([400, 400]);
    const refusal = await signUp();
    expect(refusal.status).toBe(429);
    expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(1000);
    expect((await send(httpPort, 'GET /v1/health')).status).toBe(200);
  });
});

describe('bars by kind of caller', () => {
  it('come before the body is looked at, and are in the trail before they are told', async () => {
    const agent = await world.auth.newCaller({ type: 'agent' });
    const headers = { 'x-request-id': 'barred' };
    const reply = await send(port, `DELETE /v1/vaults/${ID}`, { token: agent.token, raw: '{', headers });
    expect(reply.status).toBe(403);
    expect(world.auth.refusals).toMatchObject([
      {
        action: 'vault.delete',
        resourceType: 'vault',
        resourceId: ID,
        reason: 'Agents may not call this.',
        requestId: 'barred',
        ipAddress: '127.0.0.1',
      },
    ]);
  });

  it('are 503 when the refusal cannot be recorded', async () => {
    const agent = await world.auth.newCaller({ type: 'agent' });
    const { recordRefusals } = world.auth.sessions;
    world.auth.sessions.recordRefusals = () => Promise.reject(new DomainError('unavailable', 'Away.'));
    expect((await send(port, 'POST /v1/vaults', { token: agent.token })).status).toBe(503);
    world.auth.sessions.recordRefusals = recordRefusals;
  });

  it('leave people out of what is for agents, and let an agent get itself', async () => {
    const [person, agent] = [await world.auth.newCaller(), await world.auth.newCaller({ type: 'agent' })];
    expect((await send(port, 'GET /v1/agents/me', { token: person.token })).status).toBe(403);
    expect((await send(port, `GET /v1/agents/${ID}`, { token: agent.token })).status).toBe(403);
    expect((await send(port, `GET /v1/agents/${agent.caller.id}`, { token: agent.token })).status).toBe(404);
  });
});

describe('usage', () => {
  it('is what came past the door, by route and outcome, and not what was public or refused before', async () => {
    const gateway = await world.gateway();
    const { caller, token } = await world.auth.newCaller();
    const agent = await world.auth.newCaller({ type: 'agent' });
    await send(gateway.httpPort, 'GET /v1/vaults', { token });
    await send(gateway.httpPort, `GET /v1/vaults/${ID}`, { token });
    await send(gateway.httpPort, 'POST /v1/vaults', { token, body: {} });
    await send(gateway.httpPort, 'GET /v1/health');
    await send(gateway.httpPort, 'GET /v1/vaults');
    await send(gateway.httpPort, 'POST /v1/vaults', { token: agent.token });
    await gateway.close();
    const by = { orgId: caller.orgId, type: 'user', id: caller.id };
    const orgs = [caller.orgId, agent.caller.orgId];
    expect(world.usage.filter(({ orgId }) => orgs.includes(orgId))).toMatchObject([
      { ...by, method: 'GET', path: '/v1/vaults', statusCode: 200 },
      { ...by, method: 'GET', path: '/v1/vaults/:vault_id', statusCode: 404 },
      { ...by, method: 'POST', path: '/v1/vaults', statusCode: 400 },
    ]);
  });

  it('counts a request whose client did not wait for the answer', async () => {
    const gateway = await world.gateway();
    const { token } = await world.auth.newCaller();
    const reached = new Promise<void>((resolve) => {
      world.vaults.getVault = () => (resolve(), new Promise(() => undefined));
    });
    const socket = connect(gateway.httpPort, '127.0.0.1', () =>
      socket.write(`GET /v1/vaults/${ID} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`),
    );
    await reached;
    socket.destroy();
    await eventually(() => expect(world.usage.map((record) => record.statusCode)).toContain(499));
    delete world.vaults.getVault;
  });
});

describe('a request that gets no answer from behind', () => {
  it('is 503 in the end, while others are served', async () => {
    const { token } = await world.auth.newCaller();
    world.vaults.getVault = () => new Promise(() => undefined);
    const stuck = send(port, `GET /v1/vaults/${ID}`, { token });
    expect((await send(port, 'GET /v1/vaults', { token })).status).toBe(200);
    const reply = await stuck;
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toBe('1');
    expect(problemOf(reply).detail).not.toMatch(/deadline|grpc/i);
    delete world.vaults.getVault;
  });

  it('is 503 at once when the service is not there', async () => {
    const { httpPort } = await world.gateway({ AUDIT_SVC_URL: '127.0.0.1:9' });
    const { token } = await world.auth.newCaller();
    expect((await send(httpPort, 'GET /v1/audit/events', { token })).status).toBe(503);
  });
});

describe('a client that never ends its request', () => {
  it('is cut off, silent or dripping, in its headers as in its body', async () => {
    const { token } = await world.auth.newCaller();
    const head = `POST /v1/vaults HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
    const answers = await Promise.all([
      sendBytes(port, ''),
      sendBytes(port, 'GET /v1/health HTTP/1.1\r\nHost: x\r\nX-Slow: '),
      sendBytes(port, 'GET /v1/health HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'a'),
      sendBytes(port, `${head}Content-Length: 1000\r\n\r\n{`),
      sendBytes(port, `${head}Content-Length: 1000\r\n\r\n{`, ' '),
      sendBytes(port, `${head}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'),
    ]);
    for (const answer of answers) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toMatch(/content-type: application\/problem\+json/);
    }
  });
});

describe('shutdown', () => {
  it('lets a request under way end and takes no new ones', async () => {
    const gateway = await world.gateway();
    const { token } = await world.auth.newCaller();
    let answer: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      world.vaults.listVaults = async () => {
        resolve();
        await new Promise<void>((release) => (answer = release));
        return { vaults: [] };
      };
    });
    const underWay = send(gateway.httpPort, 'GET /v1/vaults', { token });
    await reached;
    const closed = gateway.close();
    await eventually(async () =>
      expect(await send(gateway.httpPort, 'GET /v1/health').catch(() => 'refused')).toBe('refused'),
    );
    answer();
    expect((await underWay).status).toBe(200);
    await closed;
    world.vaults.listVaults = async () => ({ vaults: [] });
  });
});

describe('health', () => {
  it('is what the services behind are', async () => {
    const [own, nats] = await Promise.all([StubWorld.start(), startNats()]);
    const { httpPort } = await own.gateway({}, nats.url);
    const health = async () => {
      const { status, text } = await send(httpPort, 'GET /v1/health');
      return [status, (JSON.parse(text) as { status: string }).status];
    };
    await eventually(async () => expect(await health()).toEqual([200, 'healthy']));
    await own.services['AUDIT_SVC_URL']?.close();
    await eventually(async () => expect(await health()).toEqual([200, 'degraded']));
    await own.services['VAULT_SVC_URL']?.close();
    await eventually(async () => expect(await health()).toEqual([503, 'degraded']));
    const hsm = await send(httpPort, 'GET /v1/health/hsm');
    expect([hsm.status, JSON.parse(hsm.text)]).toEqual([503, { status: 'unavailable' }]);
    await own.close();
    await nats.dispose();
  });

  it('of the HSM is what vault-svc found', async () => {
    const statuses: [string, number][] = [
      ['ok', 200],
      ['degraded', 200],
      ['unavailable', 503],
    ];
    for (const [status, code] of statuses) {
      const { httpPort } = await world.gateway();
      world.hsm.getHsmHealth = async () => ({ status });
      const reply = await send(httpPort, 'GET /v1/health/hsm', { token: 'nonsense' });
      expect([reply.status, JSON.parse(reply.text)]).toEqual([code, { status }]);
    }
  });
});
