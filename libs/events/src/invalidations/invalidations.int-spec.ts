import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@oneclaw/telemetry';
import { eventually, startNats, type TestNats } from '@oneclaw/testing';
import { NatsLink, SessionInvalidationPublisher, SessionInvalidationSubscriber } from '../index.js';

const logger = createLogger({ service: 'test', level: 'silent' });

describe('session invalidations between auth-svc and two gateways', () => {
  let nats: TestNats;
  let links: NatsLink[];
  let publisher: SessionInvalidationPublisher;
  let gateways: { subscriber: SessionInvalidationSubscriber; keys: string[]; lost: number }[];

  beforeEach(async () => {
    nats = await startNats();
    links = [];
    publisher = new SessionInvalidationPublisher(link());
    gateways = [addGateway(), addGateway()];
    await eventually(() => expect(gateways.map(({ subscriber }) => subscriber.fresh)).toEqual([true, true]));
  });

  afterEach(async () => {
    publisher.close();
    for (const { subscriber } of gateways) subscriber.close();
    await Promise.all(links.map((each) => each.close()));
    await nats.dispose();
  });

  function link(): NatsLink {
    const made = new NatsLink({ url: nats.url, name: 'test', logger });
    links.push(made);
    return made;
  }

  function addGateway() {
    const gateway = { keys: [] as string[], lost: 0 };
    const subscriber = new SessionInvalidationSubscriber(link(), {
      onKeys: (keys) => gateway.keys.push(...keys),
      onLost: () => (gateway.lost += 1),
    });
    return Object.assign(gateway, { subscriber });
  }

  const fresh = () => gateways.map(({ subscriber }) => subscriber.fresh);

  it('reach both within a blink', async () => {
    const start = Date.now();
    publisher.publish(['jti:1']);
    await eventually(() => expect(gateways.every(({ keys }) => keys.includes('jti:1'))).toBe(true));
    expect(Date.now() - start).toBeLessThan(500);
  });

  it('leave no gateway fresh once NATS is gone, and reach both when it is back', async () => {
    await nats.kill();
    await eventually(() => expect(fresh()).toEqual([false, false]), 1000);
    expect(gateways.every(({ lost }) => lost > 0)).toBe(true);
    publisher.publish(['agent:2']);
    await nats.start();
    await eventually(() => expect(fresh()).toEqual([true, true]));
    await eventually(() => expect(gateways.every(({ keys }) => keys.includes('agent:2'))).toBe(true));
  });

  it('leave no gateway fresh for longer than a second when NATS hangs', async () => {
    nats.pause();
    await eventually(() => expect(fresh()).toEqual([false, false]), 1000);
    nats.resume();
    await eventually(() => expect(fresh()).toEqual([true, true]));
  });
});
