import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Child, type ChildHost, type ChildSpec } from './child.js';
import { processIdentity } from './process-identity.js';
import { ProcessRegistry } from './process-registry.js';
import { StateFolder } from './state-folder.js';

let state: StateFolder;
let host: ChildHost;
let lines: string[];
let arrived: () => void;

beforeEach(() => {
  state = StateFolder.temporary();
  state.rotateLogs();
  lines = [];
  arrived = () => undefined;
  host = {
    registry: new ProcessRegistry(state.processesFile, undefined),
    logFolder: state.logs,
    onLine: (_source, line) => {
      lines.push(line);
      arrived();
    },
    closed: false,
  };
});

afterEach(async () => {
  await host.registry.close();
  rmSync(state.path, { recursive: true, force: true });
});

const child = (script: string, spec: Partial<ChildSpec> = {}): Child =>
  new Child(
    {
      name: 'probe',
      command: process.execPath,
      args: ['-e', script],
      env: { PATH: process.env['PATH'] },
      cwd: '/',
      stopSignal: 'SIGTERM',
      graceMs: 5_000,
      ...spec,
    },
    host,
  );

/** Starts it and waits for its first line. */
async function saysHello(probe: Child): Promise<string> {
  const first = new Promise<void>((resolve) => (arrived = resolve));
  await probe.start();
  await first;
  return lines[0] ?? '';
}

const FOREVER = 'setInterval(() => {}, 1e6);';
const STUBBORN = `process.on('SIGTERM', () => {}); ${FOREVER} console.log('up');`;

describe('a child process', () => {
  it('is asked to stop, and gone when stop returns', async () => {
    const probe = child(
      `process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); ${FOREVER} console.log('up');`,
    );
    await saysHello(probe);
    await probe.stop();
    expect(probe.running).toBe(false);
    expect(lines).toEqual(['up', 'bye']);
    expect(probe.logs()).toBe('up\nbye\n');
  });

  it('is killed when it ignores that', async () => {
    const probe = child(STUBBORN, { graceMs: 100 });
    await saysHello(probe);
    await probe.stop();
    expect((await probe.gone())?.signal).toBe('SIGKILL');
  });

  it('takes its own children along', async () => {
    const probe = child(
      `const c = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(FOREVER)}]); console.log(c.pid); ${FOREVER}`,
    );
    const grandchild = Number(await saysHello(probe));
    expect(processIdentity(grandchild)).toBeDefined();
    await probe.stop();
    // It has its SIGKILL by now; dying takes the kernel a moment.
    while (processIdentity(grandchild) !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('tells an end of its own from one that was asked for', async () => {
    const ends: boolean[] = [];
    const probe = child('process.exit(3)');
    probe.onExit(({ expected }) => ends.push(expected));
    await probe.start();
    expect(await probe.gone()).toMatchObject({ code: 3, expected: false });
    expect(ends).toEqual([false]);
  });

  it('says what could not be run', async () => {
    await expect(child('', { command: '/no/such/program' }).start()).rejects.toThrow('Cannot run /no/such/program');
  });

  it('is not started once the stack stops', async () => {
    host.closed = true;
    await expect(child(FOREVER).start()).rejects.toThrow('the stack stops');
  });
});

describe('the registry of processes', () => {
  it('stops what an earlier stack left behind, and nothing that merely has its pid now', async () => {
    const probe = child(STUBBORN, { stopSignal: 'SIGKILL' });
    await saysHello(probe);
    const bystander = spawn(process.execPath, ['-e', FOREVER], { detached: true, stdio: 'ignore' });
    host.registry.add(bystander.pid ?? 0, 'reused', 'SIGKILL');
    const record = readFileSync(state.processesFile, 'utf8');
    const altered = record.replace(
      new RegExp(`^${bystander.pid} SIGKILL \\S+`, 'm'),
      `${bystander.pid} SIGKILL earlier-life`,
    );
    writeFileSync(state.processesFile, altered);
    expect(await new ProcessRegistry(state.processesFile, undefined).stopOrphans()).toEqual(['probe']);
    await probe.gone();
    expect(processIdentity(bystander.pid ?? 0)).toBeDefined();
    bystander.kill('SIGKILL');
  });

  it('outlives a stack that was killed, and stops its processes and removes its folder', async () => {
    const doomed = StateFolder.temporary();
    doomed.rotateLogs();
    const source = new URL('../dist/', import.meta.url).href;
    const script = `
      const { Child } = await import('${source}child.js');
      const { ProcessRegistry } = await import('${source}process-registry.js');
      const registry = new ProcessRegistry(${JSON.stringify(doomed.processesFile)}, ${JSON.stringify(doomed.path)});
      const child = new Child({ name: 'probe', command: process.execPath, args: ['-e', ${JSON.stringify(FOREVER)}], env: {},
        cwd: '/', stopSignal: 'SIGTERM', graceMs: 1000 }, { registry, logFolder: ${JSON.stringify(doomed.logs)}, closed: false });
      await child.start();
      console.log(child.pid);
      setInterval(() => {}, 1e6);`;
    const stack = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = (await once(stack.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    stack.kill('SIGKILL');
    while (existsSync(doomed.path)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(processIdentity(pid)).toBeUndefined();
  });
});
