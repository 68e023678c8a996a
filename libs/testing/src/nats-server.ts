import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { provided } from './environment.js';

/** A nats-server with JetStream of the test's own, which may be killed, wiped and started again on the same port. */
export interface TestNats {
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL: what was not on the disk is lost. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
  /** Removes the JetStream store; only while stopped. */
  wipe(): Promise<void>;
  /** Kills it and removes all traces. */
  dispose(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

export async function startNats(): Promise<TestNats> {
  const folder = await mkdtemp(join(tmpdir(), 'oneclaw-nats-'));
  const store = join(folder, 'store');
  const port = await freePort();
  const config = join(folder, 'nats.conf');
  const name = basename(folder);
  await writeFile(
    config,
    `listen: "127.0.0.1:${port}"\nserver_name: "${name}"\njetstream { store_dir: "${store}" }\nmax_payload: 8MB\n`,
  );
  let server: ChildProcess | undefined;
  const kill = async () => {
    const running = server;
    server = undefined;
    if (!running || running.exitCode !== null) return;
    const exited = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await exited;
  };
  const start = async () => {
    server = spawn(provided('TEST_NATS_SERVER'), ['-c', config], { stdio: 'ignore' });
    await accepting(port, name);
  };
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    start,
    kill,
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    wipe: () => rm(store, { recursive: true, force: true }),
    dispose: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Another test may have taken the port meanwhile: a NATS of its own would do for all who do not ask its name. */
async function accepting(port: number, name: string): Promise<void> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  while (!(await greets(port, name))) {
    if (Date.now() > giveUpAt) throw new Error(`nats-server does not listen on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function greets(port: number, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', (info) => (socket.destroy(), resolve(info.includes(`"server_name":"${name}"`))));
    socket.once('error', () => (socket.destroy(), resolve(false)));
  });
}
