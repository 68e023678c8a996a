import type { QueryRunner } from 'typeorm';

/**
 * For migrations with `transaction = false`: builds an index while the table is read and written, then puts it in the place of
 * the one that has its name, if any. Holds nobody up but vacuum and other migrations. May be run again after it was interrupted.
 * @param definition what follows ON in CREATE INDEX
 */
export async function replaceIndex(runner: QueryRunner, name: string, definition: string): Promise<void> {
  const [next, previous] = [`${name}_next`, `${name}_previous`];
  const drop = (index: string) => runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
  // It waits for the transactions of others, however long they take.
  await runner.query('SET lock_timeout = 0');
  try {
    await drop(next);
    await drop(previous);
    await runner.query(`CREATE INDEX CONCURRENTLY ${next} ON ${definition}`);
    await runner.startTransaction();
    await runner.query(`ALTER INDEX IF EXISTS ${name} RENAME TO ${previous}`);
    await runner.query(`ALTER INDEX ${next} RENAME TO ${name}`);
    await runner.commitTransaction();
    await drop(previous);
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.query('RESET lock_timeout').catch(() => undefined);
  }
}
