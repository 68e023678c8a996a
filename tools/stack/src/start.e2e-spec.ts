import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from './ports.js';
import { processIdentity } from './process-identity.js';
import { StateFolder } from './state-folder.js';

/** `npm start` as a person has it: the command, its output, Ctrl-C. */

// Each starts everything two or three times.
jest.setTimeout(180_000);

const ROOT = path.resolve(import.meta.dirname, '../../..');

let state: string;
let ports: Record<'PORT' | 'MAIL_PORT' | 'SMTP_PORT', string>;
let commands: ChildProcess[];

beforeEach(async () => {
  const folder = StateFolder.temporary();
  state = folder.path;
  // One hash of full strength takes half a second of a core, and both cores are busy here.
  folder.writePrivate(['local', 'auth-svc.env'], 'ARGON2_MEMORY_KIB=19456\nARGON2_ITERATIONS=2\n');
  const [PORT, MAIL_PORT, SMTP_PORT] = (await Promise.all([freePort(), freePort(), freePort()])).map(String) as [
    string,
    string,
    string,
  ];
  ports = { PORT, MAIL_PORT, SMTP_PORT };
  commands = [];
});

afterEach(async () => {
  for (const command of commands.filter(running)) {
    command.kill('SIGINT');
    await once(command, 'exit');
  }
  rmSync(state, { recursive: true, force: true });
});

const running = (command: ChildProcess): boolean => command.exitCode === null && command.signalCode === null;

interface Started {
  command: ChildProcess;
  output: () => string;
  /** Resolves when the output matches, fails when the command ends before. */
  says: (pattern: RegExp) => Promise<void>;
  ended: Promise<number | null>;
}

function npmStart(): Started {
  const command = spawn(process.execPath, ['tools/start.mjs'], {
    cwd: ROOT,
    // No worker: what it chooses is then never one of the ports that were chosen here.
    env: { ...process.env, JEST_WORKER_ID: undefined, ...ports, ONECLAW_STATE: state },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  commands.push(command);
  let output = '';
  let changed: () => void = () => undefined;
  for (const stream of [command.stdout, command.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      changed();
    });
  }
  const ended = new Promise<number | null>((resolve) => command.once('close', (code) => resolve(code)));
  const says = async (pattern: RegExp): Promise<void> => {
    const over = ended.then(() => 'over');
    while (!pattern.test(output)) {
      const more = new Promise<string>((resolve) => (changed = () => resolve('more')));
      if ((await Promise.race([more, over])) === 'over' && !pattern.test(output)) {
        throw new Error(`It ended without saying ${pattern}:\n${output}`);
      }
    }
  };
  return { command, output: () => output, says, ended };
}

function recordedPids(): number[] {
  return readFileSync(path.join(state, 'processes'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => Number.parseInt(line, 10));
}

function pasteQuickstart(output: string): string {
  const script = output.slice(output.indexOf('\nB=http'), output.indexOf('| paste - -') + '| paste - -'.length);
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' });
}

async function api<T>(method: string, route: string, body?: unknown, token?: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${ports.PORT}${route}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${answer}`);
  return JSON.parse(answer) as T;
}

describe('npm start', () => {
  it('prints a quickstart that works when pasted; Ctrl-C leaves no process; what was written is there after a restart', async () => {
    const first = npmStart();
    await first.says(/paste - -/);
    const shown = pasteQuickstart(first.output());
    expect(shown).toMatch(/"value":"hunter2"/);
    expect(shown).toMatch(/"actor_type":"agent"\s+"action":"secret.read"/);
    const pids = recordedPids();
    expect(pids.length).toBeGreaterThanOrEqual(9);

    first.command.kill('SIGINT');
    expect(await first.ended).toBe(0);
    expect(pids.filter((pid) => processIdentity(pid) !== undefined)).toEqual([]);

    const [email, password] = ['keeper@example.com', 'mauve-tractor-91-sings'];
    const second = npmStart();
    await second.says(/is ready/);
    const signup = await api<{ access_token: string }>('POST', '/v1/auth/signup', { email, password });
    const vault = await api<{ id: string }>('POST', '/v1/vaults', { name: 'v' }, signup.access_token);
    const secret = `/v1/vaults/${vault.id}/secrets/kept`;
    await api('PUT', secret, { value: 'still here' }, signup.access_token);
    second.command.kill('SIGTERM');
    expect(await second.ended).toBe(0);

    const third = npmStart();
    await third.says(/is ready/);
    const login = await api<{ access_token: string }>('POST', '/v1/auth/token', { email, password });
    expect(await api('GET', secret, undefined, login.access_token)).toMatchObject({ value: 'still here' });
  });

  it('turns away a second start on the same state, and starts a service again that dies', async () => {
    const first = npmStart();
    await first.says(/is ready/);
    const second = npmStart();
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/OneClaw already runs from this folder \(process \d+\)\. Stop it/);

    const pid = Number(/billing-svc\s+pid (\d+)/.exec(first.output())?.[1]);
    process.kill(pid, 'SIGKILL');
    await first.says(/billing-svc stopped unexpectedly \(killed by SIGKILL\); starting it again/);
    await first.says(/billing-svc +│.* is up/);
  });

  it('stops what a killed start left behind, and starts on', async () => {
    const first = npmStart();
    await first.says(/is ready/);
    const stack = Number.parseInt(readFileSync(path.join(state, 'stack.lock'), 'utf8'), 10);
    const pids = recordedPids();
    process.kill(stack, 'SIGKILL');
    await first.ended;
    const second = npmStart();
    await second.says(/is ready/);
    expect(pids.filter((pid) => processIdentity(pid) !== undefined)).toEqual([]);
  });

  it('stops when the command that runs it vanishes', async () => {
    const first = npmStart();
    await first.says(/is ready/);
    const stack = Number.parseInt(readFileSync(path.join(state, 'stack.lock'), 'utf8'), 10);
    first.command.kill('SIGKILL');
    while (processIdentity(stack) !== undefined) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(readFileSync(path.join(state, 'processes'), 'utf8')).toBe('');
  });

  it('ends with a sentence and no stack trace when the state folder is damaged', async () => {
    writeFileSync(path.join(state, 'format'), 'from the future\n');
    const start = npmStart();
    expect(await start.ended).toBe(1);
    expect(start.output()).toContain('its format is "from the future"');
    expect(start.output()).not.toMatch(/\n\s+at /);
  });
});
