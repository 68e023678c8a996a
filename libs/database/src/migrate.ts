import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@oneclaw/telemetry';
import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import { createDataSource } from './data-source.js';
import { driverErrorOf } from './errors.js';
import { query } from './query.js';

export interface MigrationOptions {
  /** Of the owner role. */
  url: string;
  migrations: DataSourceOptions['migrations'];
  /** The service's name, for the log. */
  name: string;
  logger: Logger;
}

/** Any constant serves: advisory locks are per database, and each service has its own. */
const LOCK = 7_214_501;
const LOCK_PAUSE_MS = 250;
/** A migration may rewrite a large table. */
const STATEMENT_TIMEOUT_MS = 30 * 60_000;

/**
 * Brings the schema up to date, each migration in its own transaction (or none, where it says so), and answers the names of those that ran. Several
 * replicas may call it at once: one works, the others wait for it and find nothing to do.
 */
export async function runMigrations({ url, migrations, name, logger }: MigrationOptions): Promise<string[]> {
  const dataSource = await createDataSource({
    url,
    migrations: migrations ?? [],
    applicationName: `${name} migrate`,
    poolSize: 2,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    logger,
  });
  try {
    const ran = await underLock(dataSource, () => dataSource.runMigrations({ transaction: 'each' }));
    const names = ran.map((migration) => migration.name);
    logger.info(names.length === 0 ? 'the schema is up to date' : `migrated: ${names.join(', ')}`);
    return names;
  } catch (error) {
    const cause = driverErrorOf(error) as Error;
    throw new Error(`The migration of ${name} failed, and may be run again: ${cause.message}`, {
      cause,
    });
  } finally {
    await dataSource.destroy();
  }
}

async function underLock<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    // Not by a statement that waits: an index that is built concurrently waits for each statement that is under way.
    while (!(await tryLock(runner))) await pause(LOCK_PAUSE_MS);
    return await work();
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    await runner.release();
  }
}

async function tryLock(runner: QueryRunner): Promise<boolean> {
  const [row] = await query<{ locked: boolean }>(runner.manager, 'SELECT pg_try_advisory_lock($1) AS locked', [LOCK]);
  return row?.locked === true;
}
