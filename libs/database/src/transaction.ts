import { internal, isDomainError } from '@oneclaw/errors';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { CommitOutcomeUnknown, isUnavailable, toThrowable } from './errors.js';

type Listener = () => void;

const afterCommitListeners = new WeakMap<QueryRunner, Listener[]>();

/**
 * Runs `work` in one transaction (READ COMMITTED) and answers its result once the commit is confirmed. Any error rolls back.
 * A failing database surfaces as `unavailable`; a lost answer to COMMIT as `CommitOutcomeUnknown`. Never retries.
 */
export async function transaction<T>(dataSource: DataSource, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  const listeners: Listener[] = [];
  try {
    await runner.startTransaction();
    afterCommitListeners.set(runner, listeners);
    const result = await workOrRollBack(runner, work);
    await commit(runner);
    for (const listener of listeners) queueMicrotask(listener);
    return result;
  } catch (error) {
    throw toThrowable(error);
  } finally {
    await runner.release();
  }
}

/**
 * Calls `listener` once the transaction of `manager` has committed, and never if it rolls back. With the manager of a
 * DataSource, whose statements commit by themselves, it is called at once.
 */
export function afterCommit(manager: EntityManager, listener: Listener): void {
  const listeners = manager.queryRunner && afterCommitListeners.get(manager.queryRunner);
  if (listeners) listeners.push(listener);
  else listener();
}

async function workOrRollBack<T>(runner: QueryRunner, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  try {
    return await work(runner.manager);
  } catch (error) {
    // A connection on which even this fails is dead: the server rolls back, the pool drops it.
    if (!runner.isReleased) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

async function commit(runner: QueryRunner): Promise<void> {
  const connection = (await runner.connect()) as { query(text: string): Promise<{ command: string }> };
  const { command } = await connection.query('COMMIT').catch((error: unknown) => {
    throw isUnavailable(error) && !isDomainError(error) ? new CommitOutcomeUnknown(error) : error;
  });
  // Postgres answers COMMIT of a failed transaction with a rollback, and calls that success.
  if (command !== 'COMMIT') throw internal('a transaction was committed although a statement in it had failed');
}
