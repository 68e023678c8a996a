import { rmSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from '../setup/root.mjs';
import { Child, type ChildHost } from './child.js';
import type { NatsPermissions } from './nats-permissions.js';
import type { StateFolder } from './state-folder.js';

const READY_MS = 15_000;

export interface NatsUser {
  name: string;
  password: string;
  /** Absent: may do everything. */
  permissions?: NatsPermissions | undefined;
}

/** NATS with JetStream, on loopback; a user per service. */
export class Nats {
  readonly child: Child;
  private readonly store: string;

  constructor(
    server: string,
    readonly port: number,
    private readonly users: readonly NatsUser[],
    private readonly state: StateFolder,
    host: ChildHost,
  ) {
    this.store = state.at('nats/store');
    this.child = new Child(
      {
        name: 'nats',
        command: server,
        args: ['--config', state.at('nats/nats.conf')],
        env: { PATH: process.env['PATH'] },
        cwd: '/',
        stopSignal: 'SIGTERM',
        graceMs: 10_000,
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

  async start(): Promise<void> {
    this.state.writePrivate(['nats', 'nats.conf'], natsConfig(this.port, this.store, this.users));
    await this.child.start();
    const deadline = Date.now() + READY_MS;
    while (!(await greets(this.port))) {
      if (!this.running) throw new SetupError('NATS did not start. What it said is above.', this.child.tail());
      if (Date.now() > deadline)
        throw new SetupError(`NATS was not ready within ${READY_MS / 1000} s.`, this.child.tail());
      await sleep(20);
    }
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  /** Loses every stream and consumer, as a broken disk would. Runs again afterwards if it ran before. */
  async wipeStore(): Promise<void> {
    const ran = this.running;
    await this.stop();
    rmSync(this.store, { recursive: true, force: true });
    if (ran) await this.start();
  }

  url(user: NatsUser): string {
    return `nats://${user.name}:${user.password}@127.0.0.1:${this.port}`;
  }
}

/** Without users everybody may do everything. */
export function natsConfig(port: number, store: string, users: readonly NatsUser[]): string {
  return [
    `listen: "127.0.0.1:${port}"`,
    'server_name: "oneclaw"',
    'max_payload: 8MB',
    `jetstream { store_dir: ${JSON.stringify(store)}, max_memory_store: 64MB, max_file_store: 8GB }`,
    ...(users.length === 0 ? [] : ['authorization {', '  users: [', users.map(userEntry).join(',\n'), '  ]', '}']),
    '',
  ].join('\n');
}

function userEntry({ name, password, permissions }: NatsUser): string {
  const rights = permissions
    ? `, permissions: { publish: ${subjects(permissions.publish)}, subscribe: ${subjects(permissions.subscribe)} }`
    : '';
  return `    { user: ${JSON.stringify(name)}, password: ${JSON.stringify(password)}${rights} }`;
}

/** An empty allow list would allow everything, so "nothing" is a denial of all. */
function subjects(allowed: readonly string[]): string {
  return allowed.length === 0 ? '{ deny: ">" }' : `{ allow: ${JSON.stringify(allowed)} }`;
}

/** A NATS server speaks first. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('INFO '));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
