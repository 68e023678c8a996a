import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventBatch } from '@oneclaw/contracts/events';
import { query } from '@oneclaw/database';
import { eventually } from '@oneclaw/testing';
import { TestWorld, recordInLedger, testEvent } from './test-world.js';

describe('a consumer', () => {
  let world: TestWorld;
  let connection: NatsConnection;

  beforeEach(async () => {
    world = await TestWorld.create();
    connection = await connect({ servers: world.nats.url });
  });

  afterEach(async () => {
    await connection.close();
    await world.dispose();
  });

  const publish = async (data: Uint8Array) => void (await jetstream(connection).publish('audit.v1.vault-svc', data));

  const batch = (first: number, payloads: string[]) => {
    const events = payloads.map((payload, index) => ({
      ...testEvent(payload),
      payload: Buffer.from(payload),
      seq: first + index,
    }));
    return {
      ids: events.map((event) => event.id),
      data: EventBatch.encode({ producer: 'vault-svc', events }).finish(),
    };
  };

  const deadLetters = () =>
    query<{ seq: number | null; reason: string; payload: Buffer }>(
      world.consumerDb,
      'SELECT seq, reason, payload FROM dead_letter',
    );

  async function startConsumer(options: Parameters<TestWorld['consumer']>[0] = {}): Promise<void> {
    world.consumer(options);
    const relay = world.relay();
    const ids = await world.append('warm-up');
    await eventually(async () => expect(await world.ledger()).toEqual(ids));
    await world.stop(relay);
  }

  it('does the same for messages doubled and in any order as for each once in order', async () => {
    await startConsumer();
    const batches = [2, 4, 6, 8, 10].map((first) => batch(first, [`e${first}`, `e${first + 1}`]));
    for (const index of [3, 0, 4, 3, 1, 0, 2, 2, 4]) await publish(batches[index]!.data);
    await eventually(async () => expect(await world.seen()).toBe('{[1,12)}'));
    expect(await world.ledger()).toHaveLength(11);
  });

  it('knows which numbers are missing until they come', async () => {
    await startConsumer();
    await publish(batch(5, ['later', 'later still']).data);
    await eventually(async () => expect(await world.seen()).toBe('{[1,2),[5,7)}'));
    await publish(batch(2, ['a', 'b', 'c']).data);
    await eventually(async () => expect(await world.seen()).toBe('{[1,7)}'));
  });

  it('sets noise aside and goes on', async () => {
    await startConsumer();
    await publish(Buffer.from('\xff\xff noise', 'latin1'));
    const good = batch(2, ['good']);
    await publish(good.data);
    await eventually(async () => expect(await world.ledger()).toContain(good.ids[0]));
    expect(await deadLetters()).toEqual([
      {
        seq: null,
        reason: expect.stringContaining('not an EventBatch'),
        payload: Buffer.from('\xff\xff noise', 'latin1'),
      },
    ]);
  });

  it('sets aside the one event that it cannot decode, and counts its number as settled', async () => {
    const decode = (payload: Uint8Array) => {
      const text = Buffer.from(payload).toString();
      if (text === 'bad') throw new Error('this is bad');
      return text;
    };
    await startConsumer({ decode });
    const { data, ids } = batch(2, ['good', 'bad', 'fine']);
    await publish(data);
    await eventually(async () => expect(await world.ledger()).toEqual(expect.arrayContaining([ids[0], ids[2]])));
    expect(await world.ledger()).not.toContain(ids[1]);
    expect(await deadLetters()).toEqual([{ seq: 3, reason: 'this is bad', payload: Buffer.from('bad') }]);
    expect(await world.seen()).toBe('{[1,5)}');
  });

  it('gives a message up that fails five times, and lets the others pass meanwhile', async () => {
    let failures = 0;
    await startConsumer({
      handle: async (manager, events) => {
        await recordInLedger(manager, events);
        if (!events.some(({ event }) => event === 'poison')) return;
        failures += 1;
        throw new Error('cannot be done');
      },
    });
    const poison = batch(2, ['poison']);
    await publish(poison.data);
    const good = batch(3, ['good']);
    await publish(good.data);
    await eventually(async () => expect(await world.ledger()).toContain(good.ids[0]));
    await eventually(async () =>
      expect(await deadLetters()).toEqual([{ seq: null, reason: 'cannot be done', payload: Buffer.from(poison.data) }]),
    );
    expect(failures).toBeGreaterThanOrEqual(5);
    expect(await world.ledger()).not.toContain(poison.ids[0]);
    expect(await world.seen()).toBe('{[1,4)}');
  });
});
