import type { ServiceName, Stack } from '@oneclaw/stack';
import pg from 'pg';
import { eventually } from '../eventually.js';

const PANIC_MS = 30_000;

/** Runs work in a service's database as somebody who may do everything there. */
export async function asSuperuser<T>(
  stack: Stack,
  service: ServiceName,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: stack.databaseUrl(service, 'superuser') });
  // A server that dies tells the query under way, and this listener, which keeps the process alive.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Locks tables of a service against everybody. Answers how to release them. */
export async function lockTables(
  stack: Stack,
  service: ServiceName,
  tables: readonly string[],
): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: stack.databaseUrl(service, 'superuser') });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('BEGIN');
  await client.query(`LOCK TABLE ${tables.join(', ')} IN ACCESS EXCLUSIVE MODE`);
  return () => client.end();
}

/** Postgres keeps log segments of 16 MB in stock: switches from one to the next until it has none left. */
export async function usePreparedLog(stack: Stack): Promise<void> {
  await eventually('Postgres has no log segment left', PANIC_MS, async () => {
    try {
      await asSuperuser(stack, 'vault-svc', (client) =>
        client.query(`SELECT pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()`),
      );
      return undefined;
    } catch {
      return true;
    }
  });
}
