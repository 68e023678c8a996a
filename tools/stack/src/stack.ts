import { rmSync } from 'node:fs';
import { assertFixedPortsFree } from '../setup/ports.mjs';
import type { ChildHost } from './child.js';
import { Infrastructure } from './infrastructure.js';
import { Lock } from './lock.js';
import type { MailCatcher } from './mail.js';
import type { Nats } from './nats.js';
import { freePort } from './ports.js';
import type { Postgres } from './postgres.js';
import { ProcessRegistry } from './process-registry.js';
import { ADMIN_EMAIL, type ReplicaPorts } from './service-env.js';
import type { ServiceProcess } from './service-process.js';
import { createServices } from './service-set.js';
import { SERVICE_NAMES, startOrder, type ServiceName } from './services.js';
import type { SoftHsm } from './softhsm.js';
import type { StackOptions } from './stack-options.js';
import { ADMIN_PASSWORD, StateFolder } from './state-folder.js';
import { copyTemplate } from './template.js';

/**
 * The whole of OneClaw on this machine: Postgres, NATS, SoftHSM, a mail catcher and the six services as processes.
 * `npm start`, the end-to-end tests and the benchmark are this object with different options.
 */
export class Stack {
  private starting: Promise<void> | undefined;
  private serviceSet: ServiceProcess[] = [];

  private constructor(
    readonly options: StackOptions,
    readonly state: StateFolder,
    private readonly lock: Lock,
    private readonly host: ChildHost,
    private readonly infrastructure: Infrastructure,
    private readonly ports: Record<ServiceName, readonly ReplicaPorts[]>,
  ) {}

  /** Creates a stack and starts it. */
  static async start(options: StackOptions = {}): Promise<Stack> {
    const stack = await Stack.create(options);
    await stack.start();
    return stack;
  }

  /**
   * Makes a state folder with everything in it, databases, keys and schema, to be copied as `template` later: a start
   * from a template takes as long as the services take.
   */
  static async prepare(stateDir: string, options: Omit<StackOptions, 'stateDir'> = {}): Promise<void> {
    const stack = await Stack.create({ ...options, stateDir, mail: false });
    await stack.guarded(() => stack.infrastructure.start());
    await stack.stop();
  }

  /** Takes possession of the state folder and the ports; starts nothing. */
  static async create(options: StackOptions = {}): Promise<Stack> {
    const ephemeral = options.stateDir === undefined;
    const state = options.stateDir === undefined ? StateFolder.temporary() : StateFolder.open(options.stateDir);
    const lock = Lock.acquire(state.lockFile);
    try {
      const registry = new ProcessRegistry(state.processesFile, ephemeral ? state.path : undefined);
      await registry.stopOrphans();
      if (options.template) await copyTemplate(options.template, state);
      state.rotateLogs();
      const host = { registry, logFolder: state.logs, onLine: options.onLine, closed: false };
      const ports = await choosePorts(options);
      await assertFixedPortsFree({ ...ports.fixed }, options.host);
      const infrastructure = await Infrastructure.create(options, state, host, ports.fixed);
      return new Stack(options, state, lock, host, infrastructure, ports.replicas);
    } catch (error) {
      lock.release();
      if (ephemeral) rmSync(state.path, { recursive: true, force: true });
      throw error;
    }
  }

  get postgres(): Postgres {
    return this.infrastructure.postgres;
  }

  get nats(): Nats {
    return this.infrastructure.nats;
  }

  /** A connection URL of a service's database: as the service, as the role that owns the tables, or as superuser. */
  databaseUrl(name: ServiceName, role: 'app' | 'owner' | 'superuser' = 'app'): string {
    return this.infrastructure.databaseUrl(name, role);
  }

  /** The first owner of the platform's org, as long as nobody has changed the password. */
  get admin(): { email: string; password: string } {
    return { email: ADMIN_EMAIL, password: this.state.password(ADMIN_PASSWORD).value };
  }

  /** The HSM's token: hide it and bring it back. */
  get token(): SoftHsm {
    return this.infrastructure.token;
  }

  get mail(): MailCatcher | undefined {
    return this.infrastructure.mail;
  }

  /** Base URLs of the gateways, the first one's first. */
  get gatewayUrls(): string[] {
    return this.ports.gateway.map((ports) => `http://${this.publicHost}:${ports.main}`);
  }

  get url(): string {
    return this.gatewayUrls[0] ?? '';
  }

  /** A replica's handle. */
  service(name: ServiceName, index = 0): ServiceProcess {
    const found = this.serviceSet.filter((service) => service.name === name)[index];
    if (!found) throw new Error(`This stack has no ${name} number ${index}.`);
    return found;
  }

  get services(): readonly ServiceProcess[] {
    return this.serviceSet;
  }

  /** Starts everything and waits until every service is ready. A start that fails leaves nothing running. */
  async start(): Promise<void> {
    this.starting = this.guarded(async () => {
      await this.infrastructure.start();
      this.serviceSet = await createServices(this.options, this.infrastructure, this.ports, this.host);
      await this.step('services', async (detail) => {
        const { byHand = [] } = this.options;
        const ours = this.serviceSet.filter((service) => !byHand.includes(service.name));
        await Promise.all(ours.map((service) => service.launch()));
        if (byHand.length > 0) return detail(`without ${byHand.join(', ')}`);
        await Promise.all(ours.map((service) => service.ready()));
        detail(`${ours.length} ready`);
      });
    });
    await this.starting;
  }

  /** Brings every database to the schema of that checkout, beside services that run. */
  async migrate(root: string): Promise<void> {
    await this.infrastructure.migrate(root);
  }

  /** Stops the gateway, the services, callers before callees, then the rest. Leaves no process. */
  async stop(): Promise<void> {
    // A start under way fails at whatever it does next, as its processes vanish.
    this.host.closed = true;
    await this.stopProcesses();
    await this.starting?.catch(() => undefined);
    await this.stopProcesses();
    await this.host.registry.close();
    this.lock.release();
    if (this.options.stateDir === undefined) {
      this.infrastructure.discard();
      rmSync(this.state.path, { recursive: true, force: true });
    }
  }

  /** Ends every process at once, without ceremony. */
  abort(): void {
    this.host.closed = true;
    this.host.registry.killAll();
  }

  private async stopProcesses(): Promise<void> {
    for (const name of startOrder().reverse()) {
      await Promise.all(this.serviceSet.filter((service) => service.name === name).map((service) => service.stop()));
    }
    await this.infrastructure.stop();
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.host.closed) {
        this.starting = undefined;
        await this.stop();
      }
      throw error;
    }
  }

  private step<T>(label: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
    return this.options.step ? this.options.step(label, work) : work(() => undefined);
  }

  private get publicHost(): string {
    return this.options.host === undefined ? '127.0.0.1' : 'localhost';
  }
}

interface ChosenPorts {
  fixed: { gateway: number; mailWeb: number; smtp: number };
  replicas: Record<ServiceName, readonly ReplicaPorts[]>;
}

async function choosePorts({ ports = {}, replicas = {} }: StackOptions): Promise<ChosenPorts> {
  const fixed = {
    gateway: ports.gateway ?? (await freePort()),
    mailWeb: ports.mailWeb ?? (await freePort()),
    smtp: ports.smtp ?? (await freePort()),
  };
  const chosen = {} as Record<ServiceName, ReplicaPorts[]>;
  for (const name of SERVICE_NAMES) {
    chosen[name] = [];
    for (let index = 0; index < (replicas[name] ?? 1); index++) {
      const main = name === 'gateway' && index === 0 ? fixed.gateway : await freePort();
      chosen[name].push({ main, admin: await freePort() });
    }
  }
  return { fixed, replicas: chosen };
}
