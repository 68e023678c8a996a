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
  try {
    const connection = (await runner.connect()) as PgConnection;
    return await connection.query({ text, values, ...(options?.prepare ? { name: options.prepare } : {}) });
  } catch (error) {
    throw toThrowable(error);
  } finally {
    if (!given) await runner.release();
  }
}
