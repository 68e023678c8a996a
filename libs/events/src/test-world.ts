import { createLogger } from '@oneclaw/telemetry';
import { createDataSource, execute, query } from '@oneclaw/database';
import { createTestDatabase, startNats, type TestDatabase, type TestNats } from '@oneclaw/testing';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { startMuteNats, type MuteNats } from './mute-nats.js';
import {
  DurableConsumer,
  NatsLink,
  OutboxRelay,
  appendEvents,
  consumerUp,
  outboxUp,
  type DurableConsumerOptions,
  type OutboxEvent,
  type RelayOptions,
  type Received,
} from './index.js';

const logger = createLogger({ service: 'test', level: 'silent' });

interface Closable {
  stop(): Promise<void>;
}

/** A producer with its database, a consumer with its own, and a NATS between them that tests may torment. */
export class TestWorld {
  private readonly running = new Set<Closable>();
  private readonly links: NatsLink[] = [];
  private readonly databases: TestDatabase[] = [];
  private readonly dataSources: DataSource[] = [];
  private mute: MuteNats | undefined;
  nats!: TestNats;
  producerDb!: DataSource;
  consumerDb!: DataSource;

  static async create(): Promise<TestWorld> {
    const world = new TestWorld();
    world.nats = await startNats();
    world.producerDb = await world.addDatabase(async (dataSource) => {
      const runner = dataSource.createQueryRunner();
      await outboxUp(runner);
      await runner.release();
    });
    world.consumerDb = await world.addConsumerDatabase();
    return world;
  }

  async dispose(): Promise<void> {
    await this.stopAll();
    await this.mute?.close();
    await Promise.all(this.dataSources.map((dataSource) => dataSource.destroy()));
    await Promise.all(this.databases.map((database) => database.drop()));
    await this.nats.dispose();
  }

  /** Ends relays, consumers and links; the databases and NATS stay. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.running].map((each) => each.stop()));
    this.running.clear();
    await Promise.all(this.links.splice(0).map((link) => link.close()));
  }

  async stop(closable: Closable): Promise<void> {
    this.running.delete(closable);
    await closable.stop();
  }

  /** A way to the same NATS on which its consumers deliver nothing until one is deleted. */
  async muteNats(): Promise<string> {
    this.mute = await startMuteNats(this.nats.url);
    return this.mute.url;
  }

  link(url = this.nats.url): NatsLink {
    const link = new NatsLink({ url, name: 'test', logger });
    this.links.push(link);
    return link;
  }

  relay(options: Partial<RelayOptions> = {}): OutboxRelay {
    const fixed = { producer: 'vault-svc', dataSource: this.producerDb, nats: this.link(), logger, settlingMs: 1000 };
    const relay = new OutboxRelay({ ...fixed, ...options });
    relay.start();
    this.running.add(relay);
    return relay;
  }

  /** Writes what it gets to `ledger`, once per id, and every delivery to `deliveries`. */
  consumer(options: Partial<DurableConsumerOptions<string>> = {}): DurableConsumer<string> {
    const consumer = new DurableConsumer<string>({
      name: 'audit-svc',
      family: 'audit',
      dataSource: this.consumerDb,
      nats: this.link(),
      logger,
      decode: (payload) => Buffer.from(payload).toString(),
      handle: recordInLedger,
      ...options,
    });
    consumer.start();
    this.running.add(consumer);
    return consumer;
  }

  async append(...payloads: string[]): Promise<string[]> {
    const events = payloads.map(testEvent);
    await appendEvents(this.producerDb.manager, events);
    return events.map((event) => event.id);
  }

  /** Single appends, `count` of them, as a service under load makes them. */
  async appendMany(count: number, prefix = 'load'): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 10) {
      ids.push(
        ...(await this.append(...Array.from({ length: Math.min(10, count - n) }, (_, k) => `${prefix}-${n + k}`))),
      );
    }
    return ids;
  }

  async ledger(): Promise<string[]> {
    return (await query<{ id: string }>(this.consumerDb, 'SELECT id FROM ledger ORDER BY id')).map((row) => row.id);
  }

  async seen(): Promise<string | undefined> {
    const rows = await query<{ seen: string }>(this.consumerDb, 'SELECT seen::text FROM consumed_producer');
    return rows[0]?.seen;
  }

  /** Rows that the producer still keeps. */
  async kept(): Promise<{ outbox: number; batches: number }> {
    const sql = 'SELECT (SELECT count(*) FROM outbox) AS outbox, (SELECT count(*) FROM outbox_batch) AS batches';
    return (await query<{ outbox: number; batches: number }>(this.producerDb, sql))[0]!;
  }

  async addConsumerDatabase(): Promise<DataSource> {
    return this.addDatabase(async (dataSource) => {
      const runner = dataSource.createQueryRunner();
      await consumerUp(runner);
      await runner.query('CREATE TABLE ledger (id uuid PRIMARY KEY, producer text, payload text)');
      await runner.query('CREATE TABLE deliveries (id uuid)');
      await runner.release();
    });
  }

  private async addDatabase(prepare: (owner: DataSource) => Promise<void>): Promise<DataSource> {
    const database = await createTestDatabase();
    this.databases.push(database);
    const dataSource = await createDataSource({ url: database.ownerUrl, applicationName: 'test', logger });
    this.dataSources.push(dataSource);
    await prepare(dataSource);
    return dataSource;
  }
}

export function testEvent(payload: string): OutboxEvent {
  return { family: 'audit', id: uuidv7(), payload: Buffer.from(payload) };
}

export async function recordInLedger(manager: EntityManager, events: Received<string>[]): Promise<void> {
  const columns = [
    events.map((each) => each.id),
    events.map((each) => each.producer),
    events.map((each) => each.event),
  ];
  await execute(manager, 'INSERT INTO deliveries SELECT unnest($1::uuid[])', [columns[0]]);
  const sql = 'INSERT INTO ledger SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING';
  await execute(manager, sql, columns);
}
