import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { SetupError } from '../setup/root.mjs';
import { Child, type ChildHost } from './child.js';
import type { PostgresHome } from './postgres-home.js';
import { processIdentity } from './process-identity.js';

const SUPERUSER = 'postgres';
const READY_MS = 60_000;

export interface PostgresOptions {
  home: PostgresHome;
  port: number;
  password: string;
  /** Commits survive a power cut (fsync on), as in production. Tests may do without. */
  durable: boolean;
  env?: Record<string, string> | undefined;
}

/** A Postgres of our own, on loopback, over TCP only. */
export class Postgres {
  readonly child: Child;

  constructor(
    private readonly options: PostgresOptions,
    host: ChildHost,
  ) {
    const { home, port, durable } = options;
    this.child = new Child(
      {
        name: 'postgres',
        command: home.postgres,
        args: ['-D', home.data, '-p', String(port), ...settings(durable)],
        env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', ...options.env },
        cwd: '/',
        user: home.user,
        // Fast shutdown: ends sessions, writes a checkpoint.
        stopSignal: 'SIGINT',
        graceMs: 30_000,
      },
      host,
    );
  }

  get running(): boolean {
    return this.child.running;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get port(): number {
    return this.options.port;
  }

  get initialised(): boolean {
    return existsSync(path.join(this.options.home.data, 'PG_VERSION'));
  }

  /** Creates the cluster; it appears under its name only when it is whole. */
  async initialise(): Promise<void> {
    const { home, password } = this.options;
    const unfinished = `${home.data}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(path.dirname(unfinished), { recursive: true, mode: 0o711 });
    mkdirSync(unfinished, { mode: 0o700 });
    const passwordFile = `${unfinished}.password`;
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (home.user) {
      for (const file of [unfinished, passwordFile]) chownSync(file, home.user.uid, home.user.gid);
    }
    try {
      await promisify(execFile)(home.initdb, initdbArguments(unfinished, passwordFile), {
        cwd: '/',
        env: { PATH: process.env['PATH'], LC_ALL: 'C' },
        ...home.user,
      });
    } catch (error) {
      throw new SetupError('Postgres could not create its data folder (initdb).', String((error as Error).message));
    } finally {
      rmSync(passwordFile, { force: true });
    }
    renameSync(unfinished, home.data);
  }

  async start(): Promise<void> {
    this.removeStalePidFile();
    await this.child.start();
    const deadline = Date.now() + READY_MS;
    while (!(await this.answers())) {
      if (!this.running) throw new SetupError('Postgres did not start. What it said is above.', this.child.tail());
      if (Date.now() > deadline)
        throw new SetupError(`Postgres was not ready within ${READY_MS / 1000} s.`, this.child.tail());
      await sleep(25);
    }
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  /** A connection URL; without a role, the superuser's. */
  url(
    database = 'postgres',
    role: { name: string; password: string } = { name: SUPERUSER, password: this.options.password },
  ): string {
    return `postgres://${role.name}:${role.password}@127.0.0.1:${this.options.port}/${database}`;
  }

  /** Runs work on a superuser's connection. */
  async asSuperuser<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  private async answers(): Promise<boolean> {
    try {
      await this.asSuperuser('postgres', (client) => client.query('select 1'));
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === '28P01') {
        throw new SetupError(
          'Postgres refuses our password: its data folder and secrets/postgres do not belong together.',
        );
      }
      return false;
    }
  }

  /**
   * After a kill -9 the pid file stays, and Postgres refuses to start when some other process has that pid by now.
   * The caller holds the lock of the state folder, so a live postmaster on these data can only be an orphan.
   */
  private removeStalePidFile(): void {
    const file = path.join(this.options.home.data, 'postmaster.pid');
    if (!existsSync(file)) return;
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
    if (pid > 0 && processIdentity(pid) !== undefined && commandOf(pid).includes(this.options.home.data)) return;
    rmSync(file, { force: true });
  }
}

function initdbArguments(data: string, passwordFile: string): string[] {
  return [
    `--pgdata=${data}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order on every machine, whatever locales it has.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
  ];
}

function settings(durable: boolean): string[] {
  const values: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
