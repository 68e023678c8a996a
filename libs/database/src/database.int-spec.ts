import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase, eventually, startTcpProxy, type TcpProxy, type TestDatabase } from '@oneclaw/testing';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import {
  CommitOutcomeUnknown,
  afterCommit,
  createDataSource,
  execute,
  grantToApp,
  isUniqueViolation,
  ping,
  query,
  replaceIndex,
  runMigrations,
  transaction,
} from './index.js';

class CreateThings1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE things (id bigint PRIMARY KEY, name text NOT NULL)');
    await grantToApp(runner, { things: 'SELECT, INSERT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE things');
  }
}

class IndexThings1700000000002 implements MigrationInterface {
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await replaceIndex(runner, 'things_by_name', 'things (name)');
  }

  async down(): Promise<void> {}
}

class BrokenStep1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE half_done (id bigint)');
    await runner.query('ALTER TABLE nowhere ADD COLUMN x text');
  }

  async down(): Promise<void> {}
}

const logger = createLogger({ service: 'test', level: 'silent' });
let database: TestDatabase;
let proxy: TcpProxy;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  const migrate = () =>
    runMigrations({ url: database.ownerUrl, name: 'test', migrations: [CreateThings1700000000000], logger });
  const ran = await Promise.all([migrate(), migrate(), migrate()]);
  expect(ran.flat()).toEqual(['CreateThings1700000000000']);
  proxy = await startTcpProxy(database.url);
  dataSource = await connect({ poolSize: 2 });
});

afterAll(async () => {
  await dataSource.destroy();
  await proxy.close();
  await database.drop();
});

function connect(options: { poolSize?: number; statementTimeoutMs?: number } = {}): Promise<DataSource> {
  return createDataSource({ url: proxy.url, applicationName: 'test', logger, ...options });
}

const insert = 'INSERT INTO things (id, name) VALUES ($1, $2)';
const namesOf = async (id: number) =>
  (await query<{ name: string }>(dataSource, 'SELECT name FROM things WHERE id = $1', [id])).map((row) => row.name);

describe('statements', () => {
  it('answer the rows of every kind of statement, bigints as numbers', async () => {
    expect(await query(dataSource, `${insert} RETURNING id`, [1, 'one'])).toEqual([{ id: 1 }]);
    expect(await query(dataSource, 'UPDATE things SET name = $2 WHERE id = $1 RETURNING name', [1, 'uno'])).toEqual([
      { name: 'uno' },
    ]);
    expect(await execute(dataSource, 'UPDATE things SET name = name WHERE id = ANY($1)', [[1, 99]])).toBe(1);
  });

  it('refuse a bigint that a number cannot hold', async () => {
    await expect(query(dataSource, 'SELECT 9007199254740993::bigint AS big')).rejects.toThrow('2^53');
  });

  it('report a violation as such', async () => {
    await execute(dataSource, insert, [2, 'two']);
    const error = await execute(dataSource, insert, [2, 'again']).catch((caught: unknown) => caught);
    expect(isUniqueViolation(error, 'things_pkey')).toBe(true);
  });

  it('may stay prepared', async () => {
    for (const id of [1, 2]) {
      expect(await query(dataSource, 'SELECT id FROM things WHERE id = $1', [id], { prepare: 'by-id' })).toEqual([
        { id },
      ]);
    }
  });

  it('do what the role was granted and nothing else', async () => {
    await expect(execute(dataSource, 'DELETE FROM things')).rejects.toMatchObject({ code: '42501' });
    await expect(execute(dataSource, 'CREATE TABLE mine (id int)')).rejects.toMatchObject({ code: '42501' });
  });
});

describe('a transaction', () => {
  it('commits all or nothing', async () => {
    const failing = transaction(dataSource, async (manager) => {
      await execute(manager, insert, [10, 'ten']);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await namesOf(10)).toEqual([]);
    await transaction(dataSource, (manager) => execute(manager, insert, [10, 'ten']));
    expect(await namesOf(10)).toEqual(['ten']);
  });

  it('tells its listeners after the commit, and not after a rollback', async () => {
    const told: string[] = [];
    await transaction(dataSource, async (manager) => {
      afterCommit(manager, () => told.push('committed'));
      expect(told).toEqual([]);
    });
    const failing = transaction(dataSource, async (manager) => {
      afterCommit(manager, () => told.push('rolled back'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(told).toEqual(['committed']);
  });

  it('does not pass off as committed what a swallowed error has aborted', async () => {
    const swallowing = transaction(dataSource, async (manager) => {
      await execute(manager, insert, [11, 'eleven']);
      await execute(manager, insert, [11, 'twice']).catch(() => undefined);
    });
    await expect(swallowing).rejects.toMatchObject({ code: 'internal' });
    expect(await namesOf(11)).toEqual([]);
  });

  it('is unavailable after a deadlock', async () => {
    await execute(dataSource, `INSERT INTO things SELECT g, 'lock' FROM generate_series(20, 21) g`);
    let arrived = 0;
    let release: () => void;
    const both = new Promise<void>((resolve) => (release = resolve));
    const lock = (first: number, second: number) =>
      transaction(dataSource, async (manager) => {
        await query(manager, 'SELECT FROM things WHERE id = $1 FOR UPDATE', [first]);
        if (++arrived === 2) release();
        await both;
        await query(manager, 'SELECT FROM things WHERE id = $1 FOR UPDATE', [second]);
      });
    const results = await Promise.allSettled([lock(20, 21), lock(21, 20)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find((result) => result.status === 'rejected')).toMatchObject({ reason: { code: 'unavailable' } });
  });

  it('says that the outcome is unknown when the answer to its commit is lost', async () => {
    const committing = transaction(dataSource, async (manager) => {
      await execute(manager, insert, [30, 'thirty']);
      proxy.stall('answers');
    });
    await expect(committing).rejects.toBeInstanceOf(CommitOutcomeUnknown);
    proxy.resume();
    expect(await eventually(() => namesOf(30))).toEqual(['thirty']);
  });
});

describe('a Postgres that fails', () => {
  it('is unavailable within ten seconds when it hangs, and serves again afterwards', async () => {
    await ping(dataSource);
    const start = Date.now();
    proxy.stall('both');
    const attempts = await Promise.allSettled([1, 2, 3, 4, 5].map(() => ping(dataSource)));
    expect(Date.now() - start).toBeLessThan(10_000);
    for (const attempt of attempts)
      expect(attempt).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    proxy.resume();
    await eventually(() => ping(dataSource));
  });

  it('is unavailable when it drops its connections, and serves again afterwards', async () => {
    const cut = transaction(dataSource, async (manager) => {
      await execute(manager, insert, [40, 'forty']);
      proxy.cut();
      await execute(manager, insert, [41, 'forty-one']);
    });
    await expect(cut).rejects.toMatchObject({ code: 'unavailable' });
    expect(await namesOf(40)).toEqual([]);
  });

  it('is not missed by a statement on a connection that was idle when it went silent', async () => {
    const { master: pool } = dataSource.driver as unknown as { master: { totalCount: number } };
    await query(dataSource, 'SELECT 1');
    proxy.halfOpen();
    await eventually(async () => expect(pool.totalCount).toBe(0));
    await expect(query(dataSource, 'SELECT 1')).resolves.toHaveLength(1);
  });

  it('costs the statement that waits for an answer, and not the next one in line for its connection', async () => {
    const narrow = await connect({ poolSize: 1, statementTimeoutMs: 200 });
    await ping(narrow);
    proxy.halfOpen();
    const [first, second] = await Promise.allSettled([ping(narrow), ping(narrow)]);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    expect(second).toMatchObject({ status: 'fulfilled' });
    await narrow.destroy();
  });

  it('ends a statement that takes too long', async () => {
    const hasty = await connect({ statementTimeoutMs: 200 });
    await expect(query(hasty, 'SELECT pg_sleep(5)')).rejects.toMatchObject({ code: 'unavailable' });
    await hasty.destroy();
  });

  it('is not waited for when the password is wrong', async () => {
    const url = new URL(database.url);
    url.username = 'nobody';
    const attempt = createDataSource({ url: url.toString(), applicationName: 'test', logger, startTimeoutMs: 60_000 });
    await expect(attempt).rejects.toThrow(/refuses to serve.*nobody/);
  });

  it('is waited for at start', async () => {
    proxy.refuse();
    const starting = connect();
    setTimeout(() => proxy.resume(), 700);
    const late = await starting;
    await ping(late);
    await late.destroy();
  });

  it('makes a start fail with a readable sentence when it never comes', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/nothing';
    const attempt = createDataSource({ url, applicationName: 'test', logger, startTimeoutMs: 600 });
    await expect(attempt).rejects.toThrow('Postgres at 127.0.0.1:1/nothing refuses to serve: connect ECONNREFUSED');
  });
});

describe('an index that a migration replaces', () => {
  let own: TestDatabase;
  const migrations = [CreateThings1700000000000, IndexThings1700000000002];
  const definition = async (name: string) =>
    (await owner.query<{ indexdef: string }[]>('SELECT indexdef FROM pg_indexes WHERE indexname = $1', [name]))[0]
      ?.indexdef;
  let owner: DataSource;

  beforeEach(async () => {
    own = await createTestDatabase();
    owner = await createDataSource({ url: own.ownerUrl, applicationName: 'owner', logger });
  });

  afterEach(async () => {
    await owner.destroy();
    await own.drop();
  });

  it('is built while other replicas wait for their turn', async () => {
    const migrate = () => runMigrations({ url: own.ownerUrl, name: 'test', migrations, logger });
    const ran = await Promise.all([migrate(), migrate(), migrate()]);
    expect(ran.flat()).toEqual(['CreateThings1700000000000', 'IndexThings1700000000002']);
    expect(await definition('things_by_name')).toContain('(name)');
  });

  it('takes the place of the old one, and of what an interrupted attempt left', async () => {
    await runMigrations({ url: own.ownerUrl, name: 'test', migrations: [CreateThings1700000000000], logger });
    await owner.query('CREATE INDEX things_by_name ON things (id)');
    await owner.query('CREATE INDEX things_by_name_next ON things (id)');
    await owner.query('CREATE INDEX things_by_name_previous ON things (id)');
    await runMigrations({ url: own.ownerUrl, name: 'test', migrations, logger });
    expect(await definition('things_by_name')).toContain('(name)');
    expect([await definition('things_by_name_next'), await definition('things_by_name_previous')]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('a migration that fails', () => {
  it('says which sentence of Postgres it failed with and keeps nothing', async () => {
    const migrations = [CreateThings1700000000000, BrokenStep1700000000001];
    const attempt = runMigrations({ url: database.ownerUrl, name: 'test', migrations, logger });
    await expect(attempt).rejects.toThrow(
      'The migration of test failed, and may be run again: relation "nowhere" does not exist',
    );
    const owner = await createDataSource({ url: database.ownerUrl, applicationName: 'test', logger });
    expect(await query(owner, `SELECT to_regclass('half_done') AS found`)).toEqual([{ found: null }]);
    await owner.destroy();
  });
});
