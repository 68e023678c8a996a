import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { locateNativeTools } from '../setup/native-tools.mjs';
import type { ChildHost } from './child.js';
import { ensureDatabases } from './databases.js';
import { natsPermissions } from './nats-permissions.js';
import { Nats } from './nats.js';
import { freePort } from './ports.js';
import { canEnter, findPostgresHome, type PostgresHome } from './postgres-home.js';
import { Postgres } from './postgres.js';
import { ProcessRegistry } from './process-registry.js';
import { SERVICES, type ServiceName } from './services.js';
import { SoftHsm } from './softhsm.js';
import { StateFolder } from './state-folder.js';

let state: StateFolder;
let host: ChildHost;

beforeAll(() => {
  state = StateFolder.temporary();
  state.rotateLogs();
  host = { registry: new ProcessRegistry(state.processesFile, state.path), logFolder: state.logs, closed: false };
});

afterAll(async () => {
  await host.registry.close();
  rmSync(state.path, { recursive: true, force: true });
});

describe('Postgres', () => {
  let home: PostgresHome;
  let postgres: Postgres;

  beforeAll(async () => {
    home = await findPostgresHome(state.at('postgres'), 'test');
    postgres = new Postgres({ home, port: await freePort(), password: 'right', durable: false }, host);
    await postgres.initialise();
    await postgres.start();
  });

  afterAll(() => postgres.stop());

  it('lets nobody in without the password', async () => {
    const stranger = new pg.Client({
      connectionString: postgres.url('postgres', { name: 'postgres', password: 'wrong' }),
    });
    await expect(stranger.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it('gives each service a database that only it may enter, and no more than its migrations grant', async () => {
    const access = (name: string) => ({
      database: name,
      owner: { name: `${name}_owner`, password: 'o' },
      app: { name, password: 'a' },
    });
    const [first, second] = [access('db_one'), access('db_two')];
    await ensureDatabases(postgres, [first, second]);
    await ensureDatabases(postgres, [first, second]);
    const query = async (url: string, sql: string): Promise<unknown> => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query(sql)).rows;
      } finally {
        await client.end();
      }
    };
    await query(postgres.url('db_one', first.owner), 'create table t (a int)');
    await expect(query(postgres.url('db_one', first.app), 'select * from t')).rejects.toThrow('permission denied');
    await expect(query(postgres.url('db_one', first.app), 'create table u (a int)')).rejects.toThrow(
      'permission denied',
    );
    await expect(query(postgres.url('db_two', first.app), 'select 1')).rejects.toThrow(
      'permission denied for database',
    );
    await query(postgres.url('db_one', first.owner), 'grant select on t to db_one');
    expect(await query(postgres.url('db_one', first.app), 'select * from t')).toEqual([]);
  });

  it('starts again after a kill, also when its old pid belongs to another process by now', async () => {
    postgres.child.kill('SIGKILL');
    await postgres.child.gone();
    const pidFile = path.join(home.data, 'postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
    await postgres.start();
    expect(
      await postgres.asSuperuser('postgres', async (client) => (await client.query('select 1 as one')).rows),
    ).toEqual([{ one: 1 }]);
  });
});

describe('the folder of Postgres', () => {
  it('is one that the user it runs as can enter', () => {
    const closed = StateFolder.temporary();
    rmSync(closed.path, { recursive: true, force: true });
    expect(canEnter('/usr/lib', { uid: 65_534, gid: 65_534 })).toBe(true);
    expect(canEnter('/proc/1/task', { uid: 65_534, gid: 65_534 })).toBe(true);
    expect(canEnter(state.logs, { uid: 65_534, gid: 65_534 })).toBe(false);
  });
});

describe('NATS', () => {
  let nats: Nats;

  beforeAll(async () => {
    const users = (Object.keys(SERVICES) as ServiceName[]).flatMap((name) => {
      const { events } = SERVICES[name];
      return events ? [{ name, password: `${name}-pw`, permissions: natsPermissions(name, events) }] : [];
    });
    nats = new Nats(locateNativeTools().natsServer, await freePort(), users, state, host);
    await nats.start();
  });

  afterAll(() => nats.stop());

  /** Speaks the wire protocol; answers the errors that the server gave. */
  async function errorsOf(user: string, password: string, ...commands: string[]): Promise<string[]> {
    const socket = net.connect(nats.port, '127.0.0.1');
    let heard = '';
    const finished = new Promise<void>((resolve) => {
      socket.on('data', (data) => {
        heard += data.toString();
        if (heard.includes('PONG') || heard.includes('Authorization Violation')) resolve();
      });
    });
    socket.write(`CONNECT ${JSON.stringify({ user, pass: password, verbose: false })}\r\n`);
    for (const command of commands) socket.write(`${command}\r\n`);
    socket.write('PING\r\n');
    await finished;
    socket.destroy();
    return heard.split('\r\n').filter((line) => line.startsWith('-ERR'));
  }

  it('lets nobody in without the password', async () => {
    expect(await errorsOf('gateway', 'wrong')).toEqual([`-ERR 'Authorization Violation'`]);
  });

  it('lets the gateway hear invalidations, and neither hear nor say anything else', async () => {
    const ask = (...commands: string[]) => errorsOf('gateway', 'gateway-pw', ...commands);
    expect(await ask('SUB invalidate.v1.sessions 1')).toEqual([]);
    expect(await ask('SUB audit.v1.> 1')).toEqual([expect.stringContaining('Permissions Violation for Subscription')]);
    expect(await ask('PUB invalidate.v1.sessions 1\r\nx')).toEqual([
      expect.stringContaining('Permissions Violation for Publish'),
    ]);
    expect(await ask('PUB $JS.API.INFO 0\r\n')).toEqual([expect.stringContaining('Permissions Violation for Publish')]);
  });

  it('keeps a producer from speaking in the name of another', async () => {
    const say = (subject: string) => errorsOf('vault-svc', 'vault-svc-pw', `PUB ${subject} 1\r\nx`);
    expect(await say('audit.v1.vault-svc')).toEqual([]);
    expect(await say('audit.v1.auth-svc')).toHaveLength(1);
    expect(await say('invalidate.v1.sessions')).toHaveLength(1);
  });
});

describe('the SoftHSM token', () => {
  it('appears only with its keys, and comes back after it was hidden', async () => {
    const tools = locateNativeTools();
    const token = new SoftHsm(state.at('softhsm'), tools.pkcs11Module, tools.softhsmUtil);
    await expect(token.initialise(() => Promise.reject(new Error('no keys')))).rejects.toThrow('no keys');
    expect(token.exists).toBe(false);
    await token.initialise(async () => undefined);
    expect(token.damage).toBeUndefined();
    token.hide();
    expect(token.damage).toContain("the HSM's token is missing");
    token.restore();
    expect(token.damage).toBeUndefined();
  });
});
