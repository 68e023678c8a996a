import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from './process-identity.js';

interface Entry {
  pid: number;
  stopSignal: NodeJS.Signals;
  identity: string;
  name: string;
}

const ORPHAN_GRACE_MS = 5_000;

/**
 * The children of a stack as a file, so that none outlives it: a small shell waits for the stack to vanish without
 * having stopped them (kill -9, a crash) and stops them; whatever is left even so, the next start stops.
 * Each child leads a process group of its own.
 */
export class ProcessRegistry {
  private readonly entries = new Map<number, Entry>();
  private reaper: ChildProcess | undefined;

  constructor(
    private readonly file: string,
    /** A folder that goes too when the stack vanishes. */
    private readonly ephemeral: string | undefined,
  ) {}

  add(pid: number, name: string, stopSignal: NodeJS.Signals): void {
    this.reaper ??= this.startReaper();
    this.entries.set(pid, { pid, stopSignal, name, identity: processIdentity(pid) ?? '' });
    this.write();
  }

  remove(pid: number): void {
    this.entries.delete(pid);
    this.write();
  }

  /** Stops what an earlier stack left behind. Answers the names. */
  async stopOrphans(): Promise<string[]> {
    const orphans = readEntries(this.file).filter((entry) => alive(entry));
    for (const { pid, stopSignal } of orphans) signalGroup(pid, stopSignal);
    const deadline = Date.now() + ORPHAN_GRACE_MS;
    while (orphans.some(alive) && Date.now() < deadline) await sleep(50);
    for (const { pid } of orphans) signalGroup(pid, 'SIGKILL');
    while (orphans.some(alive)) await sleep(20);
    return orphans.map((entry) => entry.name);
  }

  killAll(): void {
    for (const { pid } of this.entries.values()) signalGroup(pid, 'SIGKILL');
  }

  /** All children are gone: lets the reaper end too. */
  async close(): Promise<void> {
    const { reaper } = this;
    if (!reaper || reaper.exitCode !== null) return;
    reaper.ref();
    const ended = new Promise((resolve) => reaper.once('exit', resolve));
    reaper.stdin?.end('stopped\n');
    await ended;
  }

  private write(): void {
    const lines = [...this.entries.values()].map((entry) =>
      [entry.pid, entry.stopSignal, entry.identity, entry.name].join(' '),
    );
    writeFileSync(this.file, lines.map((line) => `${line}\n`).join(''));
  }

  private startReaper(): ChildProcess {
    const reaper = spawn('/bin/sh', ['-c', REAPER, 'oneclaw-reaper', this.file, this.ephemeral ?? ''], {
      cwd: '/',
      detached: true,
      env: { PATH: process.env['PATH'] },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    reaper.unref();
    (reaper.stdin as unknown as { unref(): void }).unref();
    return reaper;
  }
}

/** Reads until its input ends; a word beforehand means that all is in order. */
const REAPER = `
trap '' HUP INT TERM
read -r word && exit 0
file=$1
each() { while read -r pid signal rest; do kill -s "\${1:-\${signal#SIG}}" -- "-$pid"; done < "$file" 2>/dev/null; }
any() { while read -r pid rest; do kill -s 0 -- "-$pid" 2>/dev/null && return 0; done < "$file"; return 1; }
each
waited=0
while [ $waited -lt 50 ] && any; do sleep 0.1; waited=$((waited + 1)); done
each KILL
[ -z "$2" ] || { sleep 0.2; rm -rf "$2"; }
`;

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function alive({ pid, identity }: Entry): boolean {
  return processIdentity(pid) === identity;
}

function readEntries(file: string): Entry[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [pid, stopSignal, identity = '', name = ''] = line.split(' ');
        return { pid: Number(pid), stopSignal: stopSignal as NodeJS.Signals, identity, name };
      });
  } catch {
    return [];
  }
}
