import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '@oneclaw/stack';
import { Client } from 'pg';

/** Events of an action in audit-svc's chain. */
async function countEvents(client: Client, action: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM events WHERE action = $1', [action]);
  return Number(rows[0]?.count);
}

export interface Settled {
  events: number;
  /** Until the trail had caught up. */
  seconds: number;
}

/**
 * Waits until the trail holds an event for each of `answered` answers. The load generator drops the requests that are under way when its time
 * is up: each of those may have an event too, and nothing else may. Throws when the trail says otherwise, or not within a minute.
 */
export async function settleTrail(
  stack: Stack,
  action: string,
  answered: number,
  droppedAtMost: number,
): Promise<Settled> {
  const client = new Client({ connectionString: stack.databaseUrl('audit-svc', 'superuser') });
  await client.connect();
  const start = performance.now();
  try {
    let events = await countEvents(client, action);
    while (events < answered && performance.now() - start < 60_000) {
      await pause(100);
      events = await countEvents(client, action);
    }
    const seconds = (performance.now() - start) / 1000;
    await pause(1000);
    events = await countEvents(client, action);
    if (events < answered || events > answered + droppedAtMost) {
      throw new Error(
        `the trail has ${events} ${action} events for ${answered} answers and at most ${droppedAtMost} dropped ones`,
      );
    }
    return { events, seconds };
  } finally {
    await client.end();
  }
}
