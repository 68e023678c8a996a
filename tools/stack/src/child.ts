import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from '../setup/run-command.mjs';
import { signalGroup, type ProcessRegistry } from './process-registry.js';

/** What every child of one stack shares. */
export interface ChildHost {
  registry: ProcessRegistry;
  logFolder: string;
  /** Gets every line that a child prints. Without it children write straight to their log files. */
  onLine?: ((source: string, line: string) => void) | undefined;
  /** The stack stops: nothing is started any more. */
  closed: boolean;
}

export interface ChildSpec {
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  user?: { uid: number; gid: number } | undefined;
  stopSignal: NodeJS.Signals;
  /** How long it may take over stopping before it is killed. */
  graceMs: number;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Whether `stop` or `kill` was behind it. */
  expected: boolean;
}

/** One child process: a leader of its own process group, its output in a file, recorded as long as it lives. */
export class Child {
  readonly logFile: string;
  private process: ChildProcess | undefined;
  private exited: Promise<Exit> | undefined;
  private expected = false;
  private readonly exitListeners: ((exit: Exit) => void)[] = [];

  constructor(
    readonly spec: ChildSpec,
    private readonly host: ChildHost,
  ) {
    this.logFile = path.join(host.logFolder, `${spec.name}.log`);
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  get running(): boolean {
    return this.process !== undefined;
  }

  onExit(listener: (exit: Exit) => void): void {
    this.exitListeners.push(listener);
  }

  async start(): Promise<void> {
    if (this.process) throw new Error(`${this.spec.name} already runs.`);
    if (this.host.closed) throw new Error(`${this.spec.name} is not started: the stack stops.`);
    const { command, args, env, cwd, user } = this.spec;
    const log = openSync(this.logFile, 'a');
    const output = this.host.onLine ? 'pipe' : log;
    const child = spawn(command, args, { env, cwd, ...user, detached: true, stdio: ['ignore', output, output] });
    this.process = child;
    this.expected = false;
    for (const stream of [child.stdout, child.stderr]) if (stream) this.follow(stream, log);
    child.once('exit', () => {
      // What it started itself must not stay behind.
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    });
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        closeSync(log);
        this.ended(child.pid);
        const exit = { code, signal, expected: this.expected };
        resolve(exit);
        for (const listener of this.exitListeners) listener(exit);
      });
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new Error(`Cannot run ${command}: ${error.message}`)));
    });
    if (child.pid !== undefined && this.process === child) {
      this.host.registry.add(child.pid, this.spec.name, this.spec.stopSignal);
    }
  }

  /** Asks it to stop, kills it when it takes longer than its grace; resolves when it is gone. */
  async stop(): Promise<void> {
    const { exited } = this;
    if (!this.process || !exited) return;
    this.kill(this.spec.stopSignal);
    const late = new AbortController();
    const grace = sleep(this.spec.graceMs, 'late', { signal: late.signal }).catch(() => 'gone');
    if ((await Promise.race([exited, grace])) === 'late') this.kill('SIGKILL');
    late.abort();
    await exited;
  }

  /** Sends a signal to it and whatever it started, without waiting. */
  kill(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    this.expected = true;
    signalGroup(this.pid, signal);
  }

  /** Resolves when it has exited, at once when it is not running. */
  async gone(): Promise<Exit | undefined> {
    return this.exited;
  }

  /** Everything it has printed since its stack was started. */
  logs(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  tail(lines = 20): string {
    return lastLines(this.logs(), lines);
  }

  private ended(pid: number | undefined): void {
    this.process = undefined;
    if (pid !== undefined) this.host.registry.remove(pid);
  }

  private follow(stream: Readable, log: number): void {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      writeSync(log, `${line}\n`);
      this.host.onLine?.(this.spec.name, line);
    });
  }
}
