import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { locateNativeTools } from '../setup/native-tools.mjs';
import { NODE, ROOT } from '../setup/root.mjs';
import { runOrFail } from '../setup/run-command.mjs';
import type { ChildHost } from './child.js';
import { ensureDatabases, type DatabaseAccess } from './databases.js';
import { DevCa, type TlsFiles } from './dev-ca.js';
import { MailCatcher } from './mail.js';
import { migrate, migrationsAreCurrent, migrationsFingerprint } from './migrations.js';
import { natsPermissions } from './nats-permissions.js';
import { Nats, type NatsUser } from './nats.js';
import { freePort } from './ports.js';
import { findPostgresHome, type PostgresHome } from './postgres-home.js';
import { Postgres } from './postgres.js';
import { hsmEnvironment } from './service-env.js';
import { SERVICE_NAMES, SERVICES, type ServiceName } from './services.js';
import { SoftHsm } from './softhsm.js';
import type { StackOptions } from './stack-options.js';
import type { StateFolder } from './state-folder.js';

const POSTGRES_VERSION = '18';

/** What the services stand on, and the files that let them in. */
export class Infrastructure {
  private constructor(
    private readonly options: StackOptions,
    readonly state: StateFolder,
    readonly postgres: Postgres,
    readonly nats: Nats,
    readonly token: SoftHsm,
    readonly mail: MailCatcher | undefined,
    private readonly home: PostgresHome,
    private readonly databases: ReadonlyMap<ServiceName, DatabaseAccess>,
    private readonly natsUsers: ReadonlyMap<ServiceName, NatsUser>,
  ) {}

  static async create(
    options: StackOptions,
    state: StateFolder,
    host: ChildHost,
    ports: { mailWeb: number; smtp: number },
  ): Promise<Infrastructure> {
    const tools = locateNativeTools();
    const home = await findPostgresHome(state.at('postgres'), idOf(state));
    checkCompleteness(state, home);
    const postgres = new Postgres(
      {
        home,
        port: await freePort(),
        password: state.password('postgres').value,
        durable: options.durable ?? false,
        env: options.env?.postgres,
      },
      host,
    );
    const natsUsers = usersOf(state);
    const nats = new Nats(tools.natsServer, await freePort(), [...natsUsers.values()], state, host);
    const token = new SoftHsm(state.at('softhsm'), tools.pkcs11Module, tools.softhsmUtil);
    const mail =
      options.mail === false ? undefined : new MailCatcher(ports.smtp, ports.mailWeb, state.at('mail'), host);
    return new Infrastructure(options, state, postgres, nats, token, mail, home, databaseAccess(state), natsUsers);
  }

  /** Starts it, creating what is not there yet. The keys come first: without them nothing else may be created. */
  async start(): Promise<void> {
    await this.step('hsm', (detail) => this.startToken(detail));
    await this.step('postgres', (detail) => this.startPostgres(detail));
    await this.step('nats', async () => {
      await this.nats.start();
      for (const [name, user] of this.natsUsers) {
        this.state.writePrivate(['secrets', `${name}.nats-url`], this.nats.url(user));
      }
    });
    if (this.mail) await this.mail.start();
    await this.step('migrations', (detail) => this.migrate(this.options.release ?? ROOT, detail));
  }

  async stop(): Promise<void> {
    await this.mail?.stop();
    await this.nats.stop();
    await this.postgres.stop();
  }

  /** Removes what lives outside the state folder. */
  discard(): void {
    if (!this.home.data.startsWith(this.state.path))
      rmSync(path.dirname(this.home.data), { recursive: true, force: true });
  }

  databaseUrlFile(name: ServiceName): string {
    return this.state.at('secrets', `${name}.database-url`);
  }

  natsUrlFile(name: ServiceName): string {
    return this.state.at('secrets', `${name}.nats-url`);
  }

  /** A connection URL of a service's database: as the service, as the role that owns the tables, or as superuser. */
  databaseUrl(name: ServiceName, role: 'app' | 'owner' | 'superuser' = 'app'): string {
    const access = this.databases.get(name);
    if (!access) throw new Error(`${name} has no database.`);
    return role === 'superuser' ? this.postgres.url(access.database) : this.postgres.url(access.database, access[role]);
  }

  /** Certificates, where the services use mutual TLS. */
  async tlsFiles(name: ServiceName | 'operator'): Promise<TlsFiles | undefined> {
    if (!this.options.mtls) return undefined;
    const ca = await DevCa.open(this.state.at('tls'));
    return ca.issue(name);
  }

  private async startToken(detail: (text: string) => void): Promise<void> {
    if (this.token.exists) return this.token.writeConfiguration();
    await this.token.initialise((token) => this.createKeys(token));
    detail('new token and keys');
  }

  private async createKeys(token: SoftHsm): Promise<void> {
    await runOrFail(
      NODE,
      [path.join(ROOT, 'apps/crypto-svc/dist/hsm/hsm-cli.js'), 'init'],
      {
        cwd: ROOT,
        env: {
          PATH: process.env['PATH'],
          ONECLAW_PROFILE: 'local',
          LOG_LEVEL: 'info',
          ...hsmEnvironment(token.module, token.pinFile, token.confFile),
        },
      },
      'The keys could not be made in the HSM (hsm init). What it said is above.',
    );
  }

  private async startPostgres(detail: (text: string) => void): Promise<void> {
    if (!this.postgres.initialised) {
      await this.postgres.initialise();
      detail('new data folder');
    }
    await this.postgres.start();
    await ensureDatabases(this.postgres, [...this.databases.values()]);
    for (const [name] of this.databases) {
      this.state.writePrivate(['secrets', `${name}.database-url`], this.databaseUrl(name));
      this.state.writePrivate(['secrets', `${name}.migration-url`], this.databaseUrl(name, 'owner'));
    }
  }

  /** Brings every database to the schema of that checkout. */
  async migrate(root: string, detail: (text: string) => void = () => undefined): Promise<void> {
    const names = [...this.databases.keys()];
    const fingerprint = migrationsFingerprint(names, root);
    if (migrationsAreCurrent(this.state, fingerprint)) return detail('up to date');
    await Promise.all(
      names.map((name) =>
        migrate(name, this.state.at('secrets', `${name}.migration-url`), this.databaseUrlFile(name), root),
      ),
    );
    writeFileSync(this.state.at('migrations'), fingerprint);
  }

  private step<T>(label: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
    return this.options.step ? this.options.step(label, work) : work(() => undefined);
  }
}

/** Tells this state folder from others, also after it was moved. */
function idOf(state: StateFolder): string {
  const file = state.at('id');
  if (!existsSync(file)) writeFileSync(file, randomUUID());
  return readFileSync(file, 'utf8').trim();
}

/** Missing keys or passwords are never made anew beside data that need the old ones. */
function checkCompleteness(state: StateFolder, home: PostgresHome): void {
  const token = new SoftHsm(state.at('softhsm'), '', '');
  if (token.exists && token.damage) throw state.damaged(token.damage);
  if (!existsSync(home.data)) return;
  const versionFile = path.join(home.data, 'PG_VERSION');
  if (!existsSync(versionFile)) throw state.damaged(`${home.data} is not a Postgres data folder`);
  const version = readFileSync(versionFile, 'utf8').trim();
  if (version !== POSTGRES_VERSION) throw state.damaged(`its data are of Postgres ${version}, not ${POSTGRES_VERSION}`);
  if (!token.exists) throw state.damaged(`the HSM's token is missing (${state.at('softhsm')})`);
  if (!state.has('secrets', 'postgres'))
    throw state.damaged(`the password of Postgres is missing (${state.at('secrets/postgres')})`);
}

function usersOf(state: StateFolder): Map<ServiceName, NatsUser> {
  const users = new Map<ServiceName, NatsUser>();
  for (const name of SERVICE_NAMES) {
    const { events } = SERVICES[name];
    if (!events) continue;
    const password = state.password(`nats-${name}`).value;
    users.set(name, { name, password, permissions: natsPermissions(name, events) });
  }
  return users;
}

function databaseAccess(state: StateFolder): Map<ServiceName, DatabaseAccess> {
  const access = new Map<ServiceName, DatabaseAccess>();
  for (const name of SERVICE_NAMES) {
    const { database } = SERVICES[name];
    if (!database) continue;
    const role = (roleName: string): { name: string; password: string } => ({
      name: roleName,
      password: state.password(roleName).value,
    });
    access.set(name, { database, owner: role(`${database}_owner`), app: role(database) });
  }
  return access;
}
