import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Confirmation } from '@oneclaw/contracts/events';
import { execute, query, transaction } from '@oneclaw/database';
import { unavailable } from '@oneclaw/errors';
import { eventually } from '@oneclaw/testing';
import { appendEvents } from './index.js';
import { TestWorld, recordInLedger, testEvent } from './test-world.js';

describe('events on their way from an outbox to a consumer', () => {
  let world: TestWorld;

  beforeEach(async () => {
    world = await TestWorld.create();
  });

  afterEach(() => world.dispose());

  /** Each event is in the ledger, none is missing by number, and the producer keeps nothing. */
  async function expectDelivered(ids: string[]): Promise<void> {
    await eventually(async () => expect(await world.ledger()).toHaveLength(ids.length), 30_000);
    expect(await world.ledger()).toEqual([...ids].sort());
    await eventually(async () => expect(await world.seen()).toBe(`{[1,${ids.length + 1})}`));
    await eventually(async () => expect(await world.kept()).toEqual({ outbox: 0, batches: 0 }));
  }

  const published = async () =>
    (
      await query<{ all: boolean }>(
        world.producerDb,
        'SELECT coalesce(bool_and(published_at IS NOT NULL), false) AS all FROM outbox_batch',
      )
    )[0]!.all;

  it('arrive, once each, and are then forgotten by the producer', async () => {
    world.relay();
    world.consumer();
    await expectDelivered(await world.appendMany(500));
  });

  it('of a transaction that rolls back never exist', async () => {
    world.relay();
    world.consumer();
    const failing = transaction(world.producerDb, async (manager) => {
      await appendEvents(manager, [testEvent('rolled back')]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await expectDelivered(await world.append('kept'));
  });

  it('of a transaction that commits late are not skipped', async () => {
    world.relay();
    world.consumer();
    const late = testEvent('late');
    const others: string[] = [];
    await transaction(world.producerDb, async (manager) => {
      await appendEvents(manager, [late]);
      others.push(...(await world.appendMany(50)));
      await eventually(async () => expect(await world.ledger()).toHaveLength(50));
    });
    await expectDelivered([late.id, ...others]);
  });

  it('are numbered without gap or double by three relays at once', async () => {
    for (let replica = 0; replica < 3; replica += 1) world.relay();
    world.consumer();
    const appending = await Promise.all([
      world.appendMany(1000, 'a'),
      world.appendMany(1000, 'b'),
      world.appendMany(1000, 'c'),
    ]);
    await expectDelivered(appending.flat());
  });

  it('are shared by the replicas of a consumer', async () => {
    world.relay();
    for (let replica = 0; replica < 3; replica += 1) world.consumer({ maxMessages: 1 });
    const appending = await Promise.all([world.appendMany(1000, 'a'), world.appendMany(1000, 'b')]);
    await expectDelivered(appending.flat());
  });

  it('survive NATS being killed twice under load', async () => {
    world.relay();
    world.consumer();
    const ids: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      ids.push(...(await world.appendMany(300, `before-${round}`)));
      await world.nats.kill();
      ids.push(...(await world.appendMany(300, `during-${round}`)));
      await world.nats.start();
      ids.push(...(await world.appendMany(300, `after-${round}`)));
    }
    await expectDelivered(ids);
  });

  it('are appended, and services start, while NATS is not there', async () => {
    await world.nats.kill();
    world.relay();
    world.consumer();
    const ids = await world.appendMany(450);
    await eventually(async () => expect(await world.kept()).toMatchObject({ outbox: 0 }));
    await world.nats.start();
    await expectDelivered(ids);
  });

  it('survive the loss of the NATS store, also the tail that nothing follows', async () => {
    world.relay();
    const consumer = world.consumer();
    const ids = await world.appendMany(300, 'consumed');
    await expectDelivered(ids);
    await world.stop(consumer);
    ids.push(...(await world.appendMany(300, 'lost')));
    await eventually(async () => expect(await published()).toBe(true));
    await world.nats.kill();
    await world.nats.wipe();
    await world.nats.start();
    world.consumer();
    await expectDelivered(ids);
  });

  it('do not hold up a consumer that is stopped while it is still starting', async () => {
    const nats = world.link();
    await eventually(async () => expect(nats.connected).toBe(true));
    for (let stage = 0; stage < 12; stage += 1) {
      const consumer = world.consumer({ nats });
      for (let turn = 0; turn < stage; turn += 1) await query(world.consumerDb, 'SELECT 1');
      await world.stop(consumer);
    }
    world.relay();
    world.consumer();
    await expectDelivered(await world.append('afterwards'));
  });

  it('reach a consumer that joins after they were published', async () => {
    world.relay();
    const ids = await world.appendMany(300);
    await eventually(async () => expect(await published()).toBe(true));
    world.consumer();
    await expectDelivered(ids);
  });

  it('wait in Postgres while the stream is full', async () => {
    const streams = { maxBytes: 20_000 };
    const consumer = world.consumer({ streams });
    world.relay({ streams });
    const ids = await world.append('first');
    await expectDelivered(ids);
    await world.stop(consumer);
    for (let n = 0; n < 10; n += 1) {
      ids.push(...(await world.append('x'.repeat(5000))));
      await eventually(async () => expect(await world.kept()).toEqual({ outbox: 0, batches: n + 1 }));
    }
    expect(await published()).toBe(false);
    world.consumer({ streams });
    await expectDelivered(ids);
  });

  it('are kept until every consumer of their family has confirmed', async () => {
    world.relay({ consumers: { audit: ['audit-svc', 'second-svc'] } });
    world.consumer();
    const ids = await world.appendMany(100);
    await eventually(async () => expect(await world.ledger()).toHaveLength(100));
    expect((await world.kept()).batches).toBeGreaterThan(0);
    const second: string[] = [];
    const database = await world.addConsumerDatabase();
    world.consumer({
      name: 'second-svc',
      dataSource: database,
      handle: async (_, events) => void second.push(...events.map(({ id }) => id)),
    });
    await expectDelivered(ids);
    expect(second.sort()).toEqual([...ids].sort());
  });

  it('are not forgotten at the word of somebody who is no consumer of them', async () => {
    world.relay();
    for (let batches = 1; batches <= 2; batches += 1) {
      await world.append('one batch');
      await eventually(async () => expect(await world.kept()).toEqual({ outbox: 0, batches }));
    }
    const confirm = (subject: string, highestSeen: number) => {
      const message = { contiguousThrough: highestSeen, highestSeen, missing: [], stream: undefined };
      return link.publish(`confirm.v1.vault-svc.${subject}`, Confirmation.encode(message).finish());
    };
    const link = world.link();
    await eventually(() => expect(confirm('audit.billing-svc', 2)).toBe(true));
    confirm('mail.auth-svc', 2);
    // Confirmations are worked through in order: once this one shows, those before it have been.
    confirm('audit.audit-svc', 1);
    await eventually(async () => expect(await world.kept()).toEqual({ outbox: 0, batches: 1 }));
  });

  it('get new numbers when the producer is restored from an older backup', async () => {
    world.relay();
    world.consumer();
    const ids = await world.appendMany(50);
    await expectDelivered(ids);
    await execute(world.producerDb, 'UPDATE outbox_counter SET next_seq = 1');
    ids.push(...(await world.append('repeats number 1')));
    await eventually(async () => expect(await world.ledger()).toEqual(ids));
    const counter = () => query(world.producerDb, `SELECT next_seq FROM outbox_counter WHERE family = 'audit'`);
    await eventually(async () => expect(await counter()).toEqual([{ next_seq: 51 }]));
  });

  it('go on to a consumer that is restored from an older backup, and are not kept for what it has lost', async () => {
    world.relay();
    const consumer = world.consumer();
    const ids = await world.appendMany(50);
    await expectDelivered(ids);
    await world.stop(consumer);
    await execute(world.consumerDb, `UPDATE consumed_producer SET seen = '{[1,11)}'`);
    world.consumer();
    ids.push(...(await world.appendMany(20)));
    await eventually(async () => expect(await world.ledger()).toEqual([...ids].sort()));
    await eventually(async () => expect(await world.kept()).toEqual({ outbox: 0, batches: 0 }));
    expect(await world.seen()).toBe('{[1,11),[51,71)}');
  });

  it('of one family wait while another family is busy, and none is lost', async () => {
    world.relay();
    world.consumer();
    const ids: string[] = [];
    await transaction(world.producerDb, async (manager) => {
      await query(manager, `SELECT FROM outbox_counter WHERE family = 'audit' FOR UPDATE`);
      ids.push(...(await world.append('waits')));
      await appendEvents(world.producerDb.manager, [{ ...testEvent('passes'), family: 'mail' }]);
      await eventually(async () => expect(await world.kept()).toEqual({ outbox: 1, batches: 1 }));
    });
    await eventually(async () => expect(await world.ledger()).toEqual(ids));
  });

  it('arrive although NATS has made a consumer that delivers nothing', async () => {
    const muteUrl = await world.muteNats();
    world.relay();
    for (let replica = 0; replica < 3; replica += 1) world.consumer({ nats: world.link(muteUrl) });
    await expectDelivered(await world.appendMany(100));
  });

  it('survive a NATS that hangs', async () => {
    world.relay();
    world.consumer();
    const ids = await world.appendMany(100, 'before');
    world.nats.pause();
    ids.push(...(await world.appendMany(100, 'during')));
    const link = world.link();
    await eventually(async () => expect(await world.kept()).toMatchObject({ outbox: 0 }));
    world.nats.resume();
    await eventually(() => expect(link.connected).toBe(true));
    ids.push(...(await world.appendMany(100, 'after')));
    await expectDelivered(ids);
  });

  describe('when something breaks at an awkward moment', () => {
    it('a relay that dies between publishing and marking leaves the batch to another', async () => {
      world.consumer();
      await execute(
        world.producerDb,
        `
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the power failed'; END $$`,
      );
      await execute(
        world.producerDb,
        `
        CREATE TRIGGER die BEFORE UPDATE ON outbox_batch FOR EACH ROW WHEN (NEW.published_at IS NOT NULL) EXECUTE FUNCTION die()`,
      );
      const dying = world.relay();
      const ids = await world.appendMany(100);
      await eventually(async () => expect(await world.ledger()).toHaveLength(100));
      await world.stop(dying);
      await execute(world.producerDb, 'DROP TRIGGER die ON outbox_batch');
      world.relay();
      await expectDelivered(ids);
    });

    it('a consumer that dies between its commit and the acknowledgement gets the events again, to no effect', async () => {
      world.relay();
      let killed = false;
      world.consumer({
        handle: async (manager, events) => {
          await recordInLedger(manager, events);
          if (!killed) await world.nats.kill();
          killed = true;
        },
      });
      const ids = await world.appendMany(100);
      await eventually(() => expect(killed).toBe(true));
      await world.nats.start();
      await expectDelivered(ids);
      const redelivered = () => query<{ n: number }>(world.consumerDb, 'SELECT count(*) AS n FROM deliveries');
      await eventually(async () => expect((await redelivered())[0]!.n).toBeGreaterThan(ids.length), 30_000);
      expect(await world.ledger()).toEqual([...ids].sort());
    });

    it('a consumer whose database is away handles them once it is back, and buries none', async () => {
      world.relay();
      let attempts = 0;
      world.consumer({
        handle: async (manager, events) => {
          attempts += 1;
          if (attempts <= 3) throw unavailable('The database is not available.');
          await recordInLedger(manager, events);
        },
      });
      await expectDelivered(await world.appendMany(100));
      expect(await query(world.consumerDb, 'SELECT FROM dead_letter')).toEqual([]);
    });
  });
});
