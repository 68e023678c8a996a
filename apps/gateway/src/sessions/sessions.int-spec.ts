import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { unavailable } from '@oneclaw/errors';
import { NatsLink, SessionInvalidationPublisher } from '@oneclaw/events/sessions';
import { createLogger } from '@oneclaw/telemetry';
import { type TestNats, eventually, startNats } from '@oneclaw/testing';
import type { Gateway } from '../app.js';
import { send } from '../testing/http-client.js';
import type { TestCaller } from '../testing/stub-auth.js';
import { StubWorld } from '../testing/stub-world.js';

const logger = createLogger({ service: 'test', level: 'silent' });

let world: StubWorld;
let nats: TestNats;
let link: NatsLink;
let publisher: SessionInvalidationPublisher;
let gateways: Gateway[];

beforeAll(async () => {
  [world, nats] = await Promise.all([StubWorld.start(), startNats()]);
  world.vaults.listVaults = async () => ({ vaults: [] });
  link = new NatsLink({ url: nats.url, name: 'stub-auth', logger });
  publisher = new SessionInvalidationPublisher(link);
  gateways = [await world.gateway({}, nats.url), await world.gateway({}, nats.url)];
});

afterAll(async () => {
  await world?.close();
  publisher?.close();
  await link?.close();
  await nats?.dispose();
});

const statusAt = async (gateway: Gateway, { token }: TestCaller) =>
  (await send(gateway.httpPort, 'GET /v1/vaults', { token })).status;
const statuses = (caller: TestCaller) => Promise.all(gateways.map((gateway) => statusAt(gateway, caller)));

/** How many resolutions it took to serve one request on each gateway. */
async function resolutionsOf(caller: TestCaller): Promise<number> {
  const before = world.auth.resolved;
  expect(await statuses(caller)).toEqual([200, 200]);
  return world.auth.resolved - before;
}

/** Until both gateways serve it from their caches. */
const cached = (caller: TestCaller) => eventually(async () => expect(await resolutionsOf(caller)).toBe(0));

describe('sessions on two gateways', () => {
  it('are resolved once and then known', async () => {
    const caller = await world.auth.newCaller();
    await cached(caller);
  });

  it.each([
    ['token', ({ caller }: TestCaller) => `jti:${caller.sessionId}`],
    ['user', ({ caller }: TestCaller) => `user:${caller.id}`],
    ['org', ({ caller }: TestCaller) => `org:${caller.orgId}`],
  ])('end on both within a second when auth-svc voids the %s', async (_, keyOf) => {
    const caller = await world.auth.newCaller();
    await cached(caller);
    world.auth.callers.delete(caller.token);
    publisher.publish([keyOf(caller)]);
    await eventually(async () => expect(await statuses(caller)).toEqual([401, 401]), 1000);
  });

  describe('towards their end', () => {
    beforeAll(() => {
      world.auth.assertionMs = 30_000;
    });
    afterAll(() => {
      world.auth.assertionMs = 60_000;
    });
    afterEach(() => {
      world.auth.beforeResolve = () => Promise.resolve();
    });

    /** Makes requests until both gateways have asked again behind them; all of them are served. */
    async function renewal(caller: TestCaller): Promise<void> {
      const before = world.auth.resolved;
      await eventually(async () => {
        expect(await statuses(caller)).toEqual([200, 200]);
        expect(world.auth.resolved - before).toBeGreaterThanOrEqual(2);
      });
    }

    it('are renewed while they serve', async () => {
      const caller = await world.auth.newCaller();
      await cached(caller);
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      world.auth.beforeResolve = () => held;
      await renewal(caller);
      release();
    });

    it('serve on while auth-svc cannot vouch for anybody', async () => {
      const caller = await world.auth.newCaller();
      await cached(caller);
      world.auth.beforeResolve = () => Promise.reject(unavailable('The HSM does not answer.'));
      await renewal(caller);
      expect(await statuses(caller)).toEqual([200, 200]);
    });

    it('are over when the renewal finds nobody', async () => {
      const caller = await world.auth.newCaller();
      await cached(caller);
      world.auth.callers.delete(caller.token);
      await eventually(async () => expect(await statuses(caller)).toEqual([401, 401]));
    });
  });

  it('that are over for good are not asked for again', async () => {
    const caller = await world.auth.newCaller();
    world.auth.callers.delete(caller.token);
    expect(await statuses(caller)).toEqual([401, 401]);
    const before = world.auth.resolved;
    expect(await statuses(caller)).toEqual([401, 401]);
    expect(world.auth.resolved).toBe(before);
  });

  it('end at once on the gateway that was told', async () => {
    const caller = await world.auth.newCaller();
    await cached(caller);
    expect((await send(gateways[0]!.httpPort, 'DELETE /v1/auth/token', { token: caller.token })).status).toBe(204);
    expect(await statusAt(gateways[0]!, caller)).toBe(401);
  });

  it('that are voided while they are being resolved are not kept', async () => {
    const caller = await world.auth.newCaller();
    await cached(await world.auth.newCaller());
    const heard = new Promise<void>((resolve) => {
      world.auth.beforeResolve = async () => {
        world.auth.beforeResolve = () => Promise.resolve();
        world.auth.callers.delete(caller.token);
        publisher.publish([`jti:${caller.caller.sessionId}`]);
        await new Promise((wait) => setTimeout(wait, 400));
        resolve();
      };
    });
    // The answer is from before the change, as the request is; what counts is that it is not kept.
    expect(await statusAt(gateways[0]!, caller)).toBe(200);
    await heard;
    expect(await statusAt(gateways[0]!, caller)).toBe(401);
  });

  it('are resolved for every request while NATS is away, and end at once', async () => {
    const caller = await world.auth.newCaller();
    await cached(caller);
    await nats.kill();
    await eventually(async () => expect(await resolutionsOf(caller)).toBe(2), 1000);
    expect(await resolutionsOf(caller)).toBe(2);
    world.auth.callers.delete(caller.token);
    expect(await statuses(caller)).toEqual([401, 401]);
    await nats.start();
    await cached(await world.auth.newCaller());
  });

  it('are not trusted while auth-svc is silent, though NATS is there', async () => {
    const caller = await world.auth.newCaller();
    await cached(caller);
    nats.pause();
    await eventually(async () => expect(await resolutionsOf(caller)).toBe(2), 2000);
    nats.resume();
    await cached(caller);
  });
});

describe('tokens', () => {
  const refusedWith = async (token: string) =>
    expect((await send(gateways[0]!.httpPort, 'GET /v1/vaults', { token })).status).toBe(401);

  it('that are not session tokens, or not for us, do not even reach auth-svc', async () => {
    const { caller } = await world.auth.newCaller();
    const { signer } = world.auth;
    const before = world.auth.resolved;
    const now = Math.floor(Date.now() / 1000);
    await refusedWith(await signer.assertion(caller));
    await refusedWith(await signer.sessionToken(caller, { iss: 'https://other.test' }));
    await refusedWith(await signer.sessionToken(caller, { aud: 'other' }));
    await refusedWith(await signer.sessionToken(caller, { exp: now - 1 }));
    await refusedWith(`${await signer.sessionToken(caller)}A`);
    expect(world.auth.resolved).toBe(before);
  });

  it('from the future are 503: our clocks differ, and their holder is not to blame', async () => {
    const { caller } = await world.auth.newCaller();
    const token = await world.auth.signer.sessionToken(caller, { iat: Math.floor(Date.now() / 1000) + 300 });
    const before = world.auth.resolved;
    for (let time = 0; time < 2; time += 1) {
      const { status, headers } = await send(gateways[0]!.httpPort, 'GET /v1/vaults', { token });
      expect([status, headers['retry-after']]).toEqual([503, '1']);
    }
    expect(world.auth.resolved).toBe(before);
  });

  it('that auth-svc does not know are 401, and what it cannot say now is 503', async () => {
    const { caller } = await world.auth.newCaller();
    await refusedWith(await world.auth.signer.sessionToken({ ...caller, sessionId: randomUUID() }));
    const { resolveCallers } = world.auth.sessions;
    world.auth.sessions.resolveCallers = () => new Promise(() => undefined);
    const { token } = await world.auth.newCaller();
    expect((await send(gateways[0]!.httpPort, 'GET /v1/vaults', { token })).status).toBe(503);
    world.auth.sessions.resolveCallers = resolveCallers!;
  });

  it('are ignored on public routes', async () => {
    for (const token of ['nonsense', (await world.auth.newCaller()).token])
      expect((await send(gateways[0]!.httpPort, 'GET /v1/auth/jwt-public-key', { token })).status).toBe(200);
  });
});
