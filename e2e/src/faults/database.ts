import type { ServiceName, Stack } from '@oneclaw/stack';
import pg from 'pg';

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
