import { cpSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CLOCKS } from './clocks.js';
import { Ground, type Fault, type Terrain } from './ground.js';
import { HSM } from './hsm.js';
import { leaksIn } from './logs.js';
import { NATS } from './nats.js';
import { NETWORK } from './network.js';
import { POSTGRES } from './postgres.js';
import { ProcessWatch } from './processes.js';
import { ROLLOUTS } from './rollouts.js';
import { SERVICES } from './services.js';
import { seconds, tableOf } from './table.js';
import { tryFault, type Row } from './trial.js';

/**
 * `npm run test:faults [-- <pattern>] [--save <file.md>]`: one fault after the other under load, a reckoning after each.
 * The pattern is a regular expression for names of faults. `--list` names them; `--logs <folder>` keeps what the services
 * logged, in a folder for each stack.
 */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { save: { type: 'string' }, logs: { type: 'string' }, list: { type: 'boolean', default: false } },
});
const pattern = new RegExp(positionals.join(' '), 'i');

const PLAN: [Terrain, Fault[]][] = [
  [{ name: 'one of each service' }, [...SERVICES, ...POSTGRES, ...NATS, ...HSM, ...CLOCKS]],
  [{ name: 'a network of proxies', linked: true }, NETWORK],
  [
    {
      name: 'two of each service',
      replicas: { 'crypto-svc': 2, 'billing-svc': 2, 'audit-svc': 2, 'vault-svc': 2, 'auth-svc': 2, gateway: 2 },
    },
    ROLLOUTS,
  ],
];
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const SHOWN_CHARACTERS = 600;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const started = performance.now();
const sections: string[] = [];
const bad: string[] = [];
let keptLogs = 0;

for (const [terrain, all] of PLAN) {
  const faults = all.filter(({ name }) => pattern.test(name));
  if (options.list) for (const { name } of faults) say(name);
  else if (faults.length > 0) await onGround(terrain, faults);
}
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
const machine = `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}`;
const took = `${new Date().toISOString().slice(0, 10)}, ${machine}, ${minutes} minutes.`;
if (!options.list) {
  say(`\n${sections.join('\n\n')}\n\n${took}`);
  say(bad.length === 0 ? '\nAll verdicts are good.' : `\n${bad.length} verdicts are bad:\n${bad.join('\n')}`);
  if (options.save) writeFileSync(options.save, `${sections.join('\n\n')}\n\n${took}\n`);
  if (bad.length > 0 || sections.length === 0) process.exitCode = 1;
}

async function onGround(terrain: Terrain, faults: readonly Fault[]): Promise<void> {
  say(`\n${terrain.name}`);
  let ground = await Ground.open(terrain);
  let watch = new ProcessWatch(ground.stack);
  const rows: Row[] = [];
  const processes: string[] = [];
  /** After the last fault of a stack: what its processes grew by, and what its logs hold. */
  const close = async (): Promise<void> => {
    const { lines, complaints } = watch.report();
    processes.push(...lines);
    bad.push(...complaints.map((line) => `grew: ${line}`));
    bad.push(...leaksIn(ground.stack).map((name) => `a secret value is in ${name}`));
    keepLogs(ground, terrain);
    await ground.close();
  };
  try {
    for (const [index, fault] of faults.entries()) {
      const row = await tryFault(ground, fault);
      rows.push(row);
      report(row);
      if (row.recoveredMs !== undefined) watch.sample();
      else if (index + 1 < faults.length) {
        // What did not recover says nothing about the next fault.
        await close();
        ground = await Ground.open(terrain);
        watch = new ProcessWatch(ground.stack);
      }
    }
  } finally {
    await close();
  }
  sections.push([`### With ${terrain.name}`, tableOf(rows), ...listOf(processes)].join('\n\n'));
}

/** Stacks name their logs alike: one folder for each, in the order of the run. */
function keepLogs({ stack }: Ground, { name }: Terrain): void {
  if (!options.logs) return;
  keptLogs += 1;
  cpSync(stack.state.logs, path.join(options.logs, `${keptLogs}-${name.replaceAll(' ', '-')}`), { recursive: true });
}

function listOf(processes: readonly string[]): string[] {
  return processes.length === 0 ? [] : [processes.map((line) => `- ${line}`).join('\n')];
}

function report({ fault, ok, refused, unknown, slowestMs, recoveredMs, complaints }: Row): void {
  const verdict = complaints.length === 0 ? 'good' : 'BAD';
  const back = recoveredMs === undefined ? 'did not recover' : `back in ${seconds(recoveredMs)}`;
  say(
    `  ${verdict.padEnd(4)} ${fault}: ${ok} ok, ${refused} refused, ${unknown} unknown, slowest ${seconds(slowestMs)}, ${back}`,
  );
  for (const line of kindsOf(complaints)) say(`         ${line}`);
  if (complaints.length > 0) bad.push(`${fault}: ${complaints[0]?.slice(0, 300)}`);
}

/** One of each kind, with how many there are. */
function kindsOf(complaints: readonly string[]): string[] {
  const kinds = new Map<string, { first: string; count: number }>();
  for (const complaint of complaints) {
    const kind = complaint.replace(UUID, '');
    const known = kinds.get(kind) ?? { first: complaint, count: 0 };
    kinds.set(kind, { ...known, count: known.count + 1 });
  }
  return [...kinds.values()].map(({ first, count }) => `${count} × ${first.slice(0, SHOWN_CHARACTERS)}`);
}
