import type { Logger, Metrics } from '@oneclaw/telemetry';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { DeadlineClient, columnTypes } from './deadline-client.js';
import { driverErrorOf } from './errors.js';
import { observePool } from './pool-metrics.js';
import { quietLogger } from './quiet-logger.js';

export interface DatabaseOptions {
  /** postgres://user:password@host:port/database */
  url: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  entities?: DataSourceOptions['entities'];
  migrations?: DataSourceOptions['migrations'];
  /** Connections at most. Default 10. */
  poolSize?: number;
  /** The server ends a statement after this long. Default 4 s. */
  statementTimeoutMs?: number;
  /** How long to wait for Postgres at start. Default 60 s. */
  startTimeoutMs?: number;
  logger: Logger;
  /** Where to register the pool's gauges. */
  metrics?: Metrics;
}

/**
 * A hung Postgres must end as `unavailable` within 10 s: at most 3 s for a connection, then at most 1 s more than the
 * statement's own limit for an answer.
 */
const ACQUIRE_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 4000;
const LOCK_TIMEOUT_MS = 3000;
const IDLE_IN_TRANSACTION_MS = 15_000;
/**
 * A connection that went silent while it was idle costs whoever gets it a whole statement's time. So none is idle for long: those
 * that are in use show it themselves, and a new one costs ten to twenty milliseconds.
 */
const IDLE_TIMEOUT_MS = 5000;
const ANSWER_MARGIN_MS = 1000;
const START_TIMEOUT_MS = 60_000;
const RETRY_PAUSE_MS = 500;

/** Wrong password or role (28…), no such database: waiting does not mend these. */
const HOPELESS = /^(28|3D)/;

/** Connects, waiting for Postgres where it is not up yet. Never touches the schema. */
export async function createDataSource(options: DatabaseOptions): Promise<DataSource> {
  const giveUpAt = Date.now() + (options.startTimeoutMs ?? START_TIMEOUT_MS);
  for (;;) {
    const dataSource = new DataSource(toTypeOrm(options));
    try {
      await dataSource.initialize();
      if (options.metrics) observePool(dataSource, options.metrics);
      return dataSource;
    } catch (error) {
      const reason = reasonOf(error);
      if (HOPELESS.test(codeOf(error)) || Date.now() + RETRY_PAUSE_MS >= giveUpAt) {
        throw new Error(`Postgres at ${placeOf(options.url)} refuses to serve: ${reason}`, { cause: error });
      }
      options.logger.warn(`waiting for Postgres at ${placeOf(options.url)}: ${reason}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
    }
  }
}

function toTypeOrm(options: DatabaseOptions): DataSourceOptions {
  const statementTimeout = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  return {
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName,
    entities: options.entities ?? [],
    migrations: options.migrations ?? [],
    poolSize: options.poolSize ?? 10,
    connectTimeoutMS: ACQUIRE_TIMEOUT_MS,
    synchronize: false,
    installExtensions: false,
    logger: quietLogger,
    poolErrorHandler: (error: Error) => options.logger.warn(`an idle Postgres connection broke: ${error.message}`),
    extra: {
      Client: DeadlineClient,
      types: columnTypes,
      keepAlive: true,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      statement_timeout: statementTimeout,
      lock_timeout: Math.min(LOCK_TIMEOUT_MS, statementTimeout),
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      query_timeout: statementTimeout + ANSWER_MARGIN_MS,
    },
  };
}

function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function codeOf(error: unknown): string {
  return String((driverErrorOf(error) as { code?: unknown })?.code ?? '');
}

function reasonOf(error: unknown): string {
  const cause = driverErrorOf(error);
  const messages =
    cause instanceof AggregateError ? cause.errors.map((each: Error) => each.message) : [(cause as Error).message];
  return messages.filter(Boolean).join('; ') || codeOf(error);
}
