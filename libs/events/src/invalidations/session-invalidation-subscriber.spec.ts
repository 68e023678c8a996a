import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NatsLink } from '../nats-link.js';
import { SessionInvalidationSubscriber } from './session-invalidation-subscriber.js';

/** A link whose state the test sets; it carries nothing. */
class LinkWithoutNats {
  connected = true;
  private readonly listeners: ((connected: boolean) => void)[] = [];
  onConnection = () => () => undefined;
  onStatus = (listener: (connected: boolean) => void) => (this.listeners.push(listener), () => undefined);

  set(connected: boolean) {
    this.connected = connected;
    for (const listener of this.listeners) listener(connected);
  }
}

describe('hearing session invalidations', () => {
  let link: LinkWithoutNats;
  let now: number;
  let heard: string[];
  let lost: number;
  let subscriber: SessionInvalidationSubscriber;

  beforeEach(() => {
    link = new LinkWithoutNats();
    now = 10_000;
    heard = [];
    lost = 0;
    const listener = { onKeys: (keys: readonly string[]) => heard.push(...keys), onLost: () => (lost += 1) };
    subscriber = new SessionInvalidationSubscriber(link as unknown as NatsLink, listener, () => now);
  });

  afterEach(() => subscriber.close());

  const beat = (sender: string, number: number, keys: string[] = [], leaving = false) =>
    subscriber.receive({ sender, beat: number, keys, leaving });

  it('is stale until a sender is heard', () => {
    expect(subscriber.fresh).toBe(false);
    beat('a', 1);
    expect(subscriber.fresh).toBe(true);
  });

  it('passes keys on', () => {
    beat('a', 1, ['jti:1', 'agent:2']);
    expect(heard).toEqual(['jti:1', 'agent:2']);
    expect(lost).toBe(0);
  });

  it('is stale as soon as NATS is gone, and says that something may be lost', () => {
    beat('a', 1);
    link.set(false);
    expect(subscriber.fresh).toBe(false);
    expect(lost).toBe(1);
  });

  it('stays stale after NATS is back until the sender is heard again', () => {
    beat('a', 1);
    link.set(false);
    now += 700;
    link.set(true);
    expect(subscriber.fresh).toBe(false);
    beat('a', 5);
    expect(subscriber.fresh).toBe(true);
  });

  it('notices a missed beat', () => {
    beat('a', 1);
    beat('a', 3);
    expect(lost).toBe(1);
  });

  it('is stale once every replica has been silent for 600 ms, and says that something may be lost', async () => {
    beat('a', 1);
    beat('b', 1);
    now += 500;
    beat('a', 2);
    now += 200;
    expect(subscriber.fresh).toBe(true);
    now += 500;
    expect(subscriber.fresh).toBe(false);
    beat('b', 9);
    expect(lost).toBeGreaterThan(0);
  });

  it('is stale at once when the only replica takes leave', () => {
    beat('a', 1);
    beat('a', 2, [], true);
    expect(subscriber.fresh).toBe(false);
    expect(lost).toBe(1);
  });

  it('stays fresh when one of two takes leave', () => {
    beat('a', 1);
    beat('b', 1);
    beat('b', 2, [], true);
    expect(subscriber.fresh).toBe(true);
    expect(lost).toBe(0);
  });

  it('takes a replica that was away for long as a new one', () => {
    beat('a', 1);
    beat('b', 1);
    now += 61_000;
    beat('b', 500);
    const before = lost;
    beat('a', 400);
    expect(lost).toBe(before);
  });
});
