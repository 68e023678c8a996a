import { activeTracing, type SpanSpec } from '@oneclaw/telemetry/tracing';
import type { DataSource, EntityManager } from 'typeorm';
import { toThrowable } from './errors.js';

/** `dataSource.manager` runs the statement on its own; the manager of `transaction()` runs it inside. */
export type Executor = EntityManager | DataSource;

interface Result {
  rows: unknown[];
  rowCount: number | null;
}

interface PgConnection {
  query(statement: { text: string; values: unknown[]; name?: string }): Promise<Result>;
}

export interface QueryOptions {
  /** Keeps the statement prepared on each connection under this name, unique in the service. For hot, constant statements. */
  prepare?: string;
}

/** Runs one statement and answers its rows, also those of UPDATE and DELETE … RETURNING. */
export async function query<T>(
  executor: Executor,
  text: string,
  values: unknown[] = [],
  options?: QueryOptions,
): Promise<T[]> {
  return (await run(executor, text, values, options)).rows as T[];
}

/** Runs one statement and answers how many rows it touched. */
export async function execute(
  executor: Executor,
  text: string,
  values: unknown[] = [],
  options?: QueryOptions,
): Promise<number> {
  return (await run(executor, text, values, options)).rowCount ?? 0;
}

async function run(executor: Executor, text: string, values: unknown[], options?: QueryOptions): Promise<Result> {
  const manager = 'manager' in executor ? executor.manager : executor;
  const given = manager.queryRunner;
  const runner = given ?? manager.dataSource.createQueryRunner();
  const span = activeTracing()?.child(statementSpan(text, options));
  let failed = true;
  try {
    const connection = (await runner.connect()) as PgConnection;
    const result = await connection.query({ text, values, ...(options?.prepare ? { name: options.prepare } : {}) });
    failed = false;
    return result;
  } catch (error) {
    throw toThrowable(error);
  } finally {
    span?.end({ failed });
    if (!given) await runner.release();
  }
}

/** What kind of statement, by its first word, and which, where it has a name; never its text. */
function statementSpan(text: string, options: QueryOptions | undefined): SpanSpec {
  const verb = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'QUERY';
  const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': verb };
  return { name: options?.prepare ?? verb, kind: 'client', attributes };
}
