import { rmSync } from 'node:fs';
import path from 'node:path';
import { locateNativeTools } from '../../setup/native-tools.mjs';
import { Nats } from '../nats.js';
import { freePort } from '../ports.js';
import { findPostgresHome } from '../postgres-home.js';
import { Postgres } from '../postgres.js';
import { ProcessRegistry } from '../process-registry.js';
import { StateFolder } from '../state-folder.js';

let teardownWorld: (() => Promise<void>) | undefined;

/** What integration tests share: one Postgres, one NATS. Each test makes its own databases and streams in them. */
export async function setup(): Promise<void> {
  const state = StateFolder.temporary();
  state.rotateLogs();
  const registry = new ProcessRegistry(state.processesFile, state.path);
  const host = { registry, logFolder: state.logs, closed: false };
  const tools = locateNativeTools();
  const home = await findPostgresHome(state.at('postgres'), path.basename(state.path));
  const postgres = new Postgres({ home, port: await freePort(), password: 'postgres', durable: false }, host);
  const nats = new Nats(tools.natsServer, await freePort(), [], state, host);
  teardownWorld = async () => {
    await Promise.all([postgres.stop(), nats.stop()]);
    await registry.close();
    for (const folder of [home.data, state.path]) rmSync(folder, { recursive: true, force: true });
  };
  await postgres.initialise();
  await Promise.all([postgres.start(), nats.start()]);
  Object.assign(process.env, {
    TEST_POSTGRES_URL: postgres.url(),
    TEST_NATS_URL: `nats://127.0.0.1:${nats.port}`,
    TEST_NATS_SERVER: tools.natsServer,
    TEST_PKCS11_MODULE: tools.pkcs11Module,
    TEST_SOFTHSM_UTIL: tools.softhsmUtil,
  });
}

export async function teardown(): Promise<void> {
  await teardownWorld?.();
}
