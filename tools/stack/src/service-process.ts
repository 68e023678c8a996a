import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE, SetupError } from '../setup/root.mjs';
import { Child, type ChildHost, type ChildSpec, type Exit } from './child.js';
import { nodeArguments, type ReplicaPorts } from './service-env.js';
import type { ServiceName } from './services.js';

const POLL_MS = 40;
const READY_MS = 60_000;
const BACK_OFF_MS = [500, 1_000, 2_000, 5_000, 15_000];
/** Up for so long, a service has recovered from what killed it before. */
const RECOVERED_MS = 30_000;

export interface Supervision {
  /** Says what happened to the person at the terminal. */
  notice: (message: string) => void;
}

/** How a service of that checkout is run. */
export function programOf(name: ServiceName, root: string): Pick<ChildSpec, 'command' | 'args' | 'cwd'> {
  return { command: NODE, args: [...nodeArguments(name), path.join(root, 'apps', name, 'dist/main.js')], cwd: root };
}

/** One replica of one service. */
export class ServiceProcess {
  private readonly child: Child;
  private failures = 0;
  private startedAt = 0;
  private restarting: NodeJS.Timeout | undefined;

  constructor(
    readonly name: ServiceName,
    readonly ports: ReplicaPorts,
    spec: ChildSpec,
    host: ChildHost,
    /** Starts it again when it dies; without, a dead service stays dead, as tests want it. */
    private readonly supervision?: Supervision,
  ) {
    this.child = new Child(spec, host);
    this.child.onExit((exit) => this.exited(exit));
  }

  /** `vault-svc`, or `vault-svc-1` where there are several. */
  get instance(): string {
    return this.child.spec.name;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get running(): boolean {
    return this.child.running;
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.ports.admin}`;
  }

  get readyUrl(): string {
    return `${this.adminUrl}/readyz`;
  }

  /** Starts it and waits until it is ready. */
  async start(): Promise<void> {
    await this.launch();
    await this.ready();
  }

  async launch(): Promise<void> {
    clearTimeout(this.restarting);
    this.startedAt = Date.now();
    await this.child.start();
  }

  /** Asks it to stop and waits until it is gone. */
  async stop(): Promise<void> {
    clearTimeout(this.restarting);
    await this.child.stop();
  }

  /** Another checkout of this repository, built, from its next start on. */
  runFrom(root: string): void {
    Object.assign(this.child.spec, programOf(this.name, root));
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Sends a signal, SIGKILL by default, and waits until the process is gone when the signal is a deadly one. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    clearTimeout(this.restarting);
    this.child.kill(signal);
    if (signal === 'SIGKILL') await this.child.gone();
  }

  /** Everything it has printed since the stack was started: JSON lines. */
  logs(): string {
    return this.child.logs();
  }

  /** Resolves when `/readyz` says so; fails with what stands in the way. */
  async ready(timeoutMs = READY_MS): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    let obstacle = 'it does not answer';
    while (Date.now() < deadline) {
      if (!this.running)
        throw new SetupError(`${this.instance} stopped while starting. Its last words are above.`, this.child.tail());
      const found = await this.obstacle();
      if (found === undefined) return;
      obstacle = found;
      await sleep(POLL_MS);
    }
    throw new SetupError(
      `${this.instance} was not ready within ${timeoutMs / 1000} s: ${obstacle}. Its last words are above; all of them are in ${this.child.logFile}.`,
      this.child.tail(),
    );
  }

  private async obstacle(): Promise<string | undefined> {
    try {
      const response = await fetch(this.readyUrl, { signal: AbortSignal.timeout(5_000) });
      const body = await response.text();
      return response.ok ? undefined : body.trim().slice(0, 500);
    } catch {
      return 'it does not answer';
    }
  }

  private exited({ code, signal, expected }: Exit): void {
    if (expected || !this.supervision) return;
    if (Date.now() - this.startedAt > RECOVERED_MS) this.failures = 0;
    const delay = BACK_OFF_MS[Math.min(this.failures++, BACK_OFF_MS.length - 1)] ?? 0;
    const how = signal ? `killed by ${signal}` : `exit code ${code}`;
    this.supervision.notice(`${this.instance} stopped unexpectedly (${how}); starting it again in ${delay / 1000} s.`);
    this.restarting = setTimeout(() => {
      this.launch().catch((error: unknown) => this.supervision?.notice(`${this.instance}: ${String(error)}`));
    }, delay);
  }
}
