import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '@oneclaw/stack';
import pg from 'pg';
import { eventually } from '../../eventually.js';
import { asSuperuser, lockTables, usePreparedLog } from '../database.js';
import { INFRASTRUCTURE_BACK_MS } from '../deadlines.js';
import type { Fault } from './ground.js';

const LASTS_MS = 6000;
const FELT = 20;
const common = { backWithinMs: INFRASTRUCTURE_BACK_MS };

export const POSTGRES: Fault[] = [
  ...(['SIGQUIT', 'SIGKILL'] as const).map((deadly): Fault => ({
    ...common,
    name: `Postgres ${deadly === 'SIGQUIT' ? 'restarted immediately' : 'killed'}`,
    strike: async ({ stack }, load) => {
      stack.postgres.child.kill(deadly);
      await stack.postgres.child.gone();
      await load.failed(FELT);
      return () => stack.postgres.start();
    },
  })),
  {
    ...common,
    name: 'Postgres stopped, and continued',
    strike: async ({ stack }) => {
      // Its backends lead process groups of their own.
      const pids = await backendsOf(stack);
      for (const pid of pids) signal(pid, 'SIGSTOP');
      await pause(LASTS_MS);
      return () => pids.forEach((pid) => signal(pid, 'SIGCONT'));
    },
  },
  {
    ...common,
    name: 'Postgres’s backends killed, ten times',
    strike: async ({ stack }) => {
      await asSuperuser(stack, 'vault-svc', async (client) => {
        for (let round = 0; round < 10; round += 1) {
          await killBackends(client);
          await pause(200);
        }
      });
      return () => undefined;
    },
  },
  {
    ...common,
    name: 'Postgres’s connections exhausted',
    strike: async ({ stack }, load) => {
      const hoard = await exhaustConnections(stack);
      await load.failed(FELT);
      await pause(2000);
      return () => Promise.all(hoard.map((client) => client.end()));
    },
  },
  {
    ...common,
    name: 'Postgres’s tables locked',
    strike: async ({ stack }) => {
      const releases = [
        await lockTables(stack, 'vault-svc', ['secrets', 'secret_versions', 'outbox']),
        await lockTables(stack, 'auth-svc', ['outbox']),
      ];
      await pause(LASTS_MS);
      return () => Promise.all(releases.map((release) => release()));
    },
  },
  {
    ...common,
    name: 'the disk of Postgres full',
    load: { valueBytes: 40_000, perSecond: 60 },
    strike: async ({ disk }, load) => {
      disk.fill();
      await load.failed(FELT);
      return () => disk.free();
    },
  },
  {
    ...common,
    name: 'the disk of Postgres full, so that it panics',
    strike: async ({ stack, disk }, load) => {
      disk.fill();
      await usePreparedLog(stack);
      await load.failed(FELT);
      return async () => {
        disk.free();
        if (!stack.postgres.running) await stack.postgres.start();
      };
    },
  },
];

/** The server, and what it has started for its clients. */
async function backendsOf(stack: Stack): Promise<number[]> {
  const { rows } = await asSuperuser(stack, 'vault-svc', (client) =>
    client.query<{ pid: number }>(`SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'`),
  );
  return [...rows.map(({ pid }) => pid), ...(stack.postgres.pid === undefined ? [] : [stack.postgres.pid])];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

function killBackends(client: pg.Client): Promise<unknown> {
  return client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name <> $1`,
    [HOARDER],
  );
}

const HOARDER = 'hoarder';
const MORE_THAN_ALL = 100;

/** Takes every connection that Postgres has for others than superusers, also from those who had them. */
async function exhaustConnections(stack: Stack): Promise<pg.Client[]> {
  const hoard: pg.Client[] = [];
  const take = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: stack.databaseUrl('billing-svc'), application_name: HOARDER });
    client.on('error', () => undefined);
    const connected = await client.connect().then(
      () => true,
      () => false,
    );
    if (connected) hoard.push(client);
    return connected;
  };
  await asSuperuser(stack, 'vault-svc', (client) =>
    eventually('Postgres has no connection left', INFRASTRUCTURE_BACK_MS, async () => {
      const before = hoard.length;
      await killBackends(client);
      await Promise.all(Array.from({ length: MORE_THAN_ALL }, take));
      return hoard.length === before ? true : undefined;
    }),
  );
  return hoard;
}
