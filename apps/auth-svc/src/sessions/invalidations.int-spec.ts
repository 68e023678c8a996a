import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NatsLink, SessionInvalidationSubscriber } from '@oneclaw/events';
import { createLogger } from '@oneclaw/telemetry';
import { eventually, startNats, type TestNats } from '@oneclaw/testing';
import { decodeJwt } from 'jose';
import { type AuthWorld, NO_NATS, startAuthWorld } from '../testing/auth-world.js';
import { anonymous, createAgent, signUp } from '../testing/people.js';

const logger = createLogger({ service: 'test', level: 'silent' });

let nats: TestNats;
let world: AuthWorld;
const gateways: Gateway[] = [];

beforeEach(async () => {
  nats = await startNats();
  world = await startAuthWorld({ natsUrl: nats.url });
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
  await world.close();
  await nats.dispose();
});

/** As much of a gateway as hears invalidations, with the time at which each key was first heard. */
class Gateway {
  readonly heard = new Map<string, number>();
  private readonly link = new NatsLink({ url: nats.url, name: 'gateway', logger });
  private readonly subscriber = new SessionInvalidationSubscriber(this.link, {
    onKeys: (keys) => {
      for (const key of keys) if (!this.heard.has(key)) this.heard.set(key, performance.now());
    },
    onLost: () => undefined,
  });

  get fresh(): boolean {
    return this.subscriber.fresh;
  }

  async close(): Promise<void> {
    this.subscriber.close();
    await this.link.close();
  }
}

async function freshGateway(): Promise<Gateway> {
  const gateway = new Gateway();
  gateways.push(gateway);
  await eventually(() => expect(gateway.fresh).toBe(true));
  return gateway;
}

/** Milliseconds from the answer to the change until the gateway heard of it; negative when it heard earlier. */
async function delayOf(gateway: Gateway, key: string, since: number): Promise<number> {
  await eventually(() => expect(gateway.heard.has(key)).toBe(true), 3000);
  return gateway.heard.get(key)! - since;
}

describe('a change that voids sessions', () => {
  it('is heard by every gateway within a second', async () => {
    const [one, other] = [await freshGateway(), await freshGateway()];
    const owner = await signUp(world);
    const [rotated, ended] = [await createAgent(world, owner), await createAgent(world, owner)];
    await world.agents.rotateAgentKey({ agentId: rotated.id }, owner.call);
    await world.agents.deactivateAgent({ agentId: ended.id }, owner.call);
    await world.sessions.revokeToken({ token: owner.token }, anonymous());
    const since = performance.now();
    for (const gateway of [one, other]) {
      for (const key of [`agent:${rotated.id}`, `agent:${ended.id}`, `jti:${decodeJwt(owner.token).jti}`]) {
        expect(await delayOf(gateway, key, since)).toBeLessThan(1000);
      }
    }
  });

  it('is told by another replica when the one that made it has no NATS', async () => {
    const gateway = await freshGateway();
    const cutOff = await world.startReplica({ NATS_URL_FILE: NO_NATS });
    const { token } = await signUp(world);
    await cutOff.sessions.revokeToken({ token }, anonymous());
    expect(await delayOf(gateway, `jti:${decodeJwt(token).jti}`, performance.now())).toBeLessThan(1000);
  });

  it('is not told when it is rolled back', async () => {
    const gateway = await freshGateway();
    const { token } = await signUp(world);
    await world.owner.query(`REVOKE INSERT ON outbox FROM ${world.database.name}`);
    await expect(world.sessions.revokeToken({ token }, anonymous())).rejects.toMatchObject({ code: 'unavailable' });
    await world.owner.query(`GRANT INSERT ON outbox TO ${world.database.name}`);
    const witness = await signUp(world);
    await world.sessions.revokeToken({ token: witness.token }, anonymous());
    await delayOf(gateway, `jti:${decodeJwt(witness.token).jti}`, performance.now());
    expect(gateway.heard.has(`jti:${decodeJwt(token).jti}`)).toBe(false);
  });
});

describe('the heartbeat', () => {
  it('ends while the database cannot be read, and comes back with what was missed', async () => {
    const gateway = await freshGateway();
    const { token } = await signUp(world);
    await world.owner.query(`REVOKE SELECT ON session_invalidations FROM ${world.database.name}`);
    await eventually(() => expect(gateway.fresh).toBe(false), 3000);
    await world.sessions.revokeToken({ token }, anonymous()).catch(() => undefined);
    await world.owner.query(`GRANT SELECT ON session_invalidations TO ${world.database.name}`);
    await eventually(() => expect(gateway.fresh).toBe(true), 3000);
    expect(await delayOf(gateway, `jti:${decodeJwt(token).jti}`, performance.now())).toBeLessThan(1000);
  });

  it('ends when a read of the database hangs', async () => {
    const gateway = await freshGateway();
    const blocker = await world.owner.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE session_invalidations IN ACCESS EXCLUSIVE MODE');
    await eventually(() => expect(gateway.fresh).toBe(false), 2000);
    await blocker.query('ROLLBACK');
    blocker.release();
    await eventually(() => expect(gateway.fresh).toBe(true), 8000);
  });
});
