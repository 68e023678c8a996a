import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { Stack } from '@oneclaw/stack';
import { runFlood, type FloodResult } from './flood.js';
import { runLoad, type LoadResult } from './load.js';
import { cpuPerRequest, memoryOf, sampleStack } from './processes.js';
import { printReport, type Measurement, type Report } from './report.js';
import { scenariosFor, type Scenario } from './scenarios.js';
import { settleTrail } from './trail.js';
import { seedWorld } from './world.js';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    only: { type: 'string' },
    save: { type: 'string' },
    compare: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const WARM_UP_SECONDS = 3;
/** The load comes as from many clients behind this proxy; floods do not, and meet the limits of a real gateway. */
const BEHIND_A_PROXY = { TRUSTED_PROXIES: '127.0.0.1' };
/** No month's quota is to be measured. Requests are counted all the same. */
const NO_QUOTA = { DEFAULT_TIER: 'enterprise' };

const say = (line: string) => process.stderr.write(`${line}\n`);

say('starting a stack of its own (fsync on) …');
const stack = await Stack.start({
  durable: true,
  mail: false,
  env: { gateway: BEHIND_A_PROXY, 'billing-svc': NO_QUOTA },
});
try {
  say('storing 1,000 secrets …');
  const world = await seedWorld(stack.url);
  const scenarios = scenariosFor(world).filter(
    ({ name }) => options.only === undefined || name.startsWith(options.only),
  );
  const notes: string[] = [];
  const measurements: Measurement[] = [];
  let reads = 0;
  let dropped = 0;
  for (const scenario of scenarios) {
    const { measurement, answered, notes: found } = await measure(scenario);
    measurements.push(measurement);
    notes.push(...found);
    if (!scenario.name.startsWith('read')) continue;
    reads += answered;
    dropped += 2 * scenario.connections;
  }
  if (reads > 0) {
    const { events, seconds } = await settleTrail(stack, 'secret.read', reads, dropped);
    notes.push(
      `${reads} answered reads, ${events} events in the audit chain (requests under way at the end of a run count there only).`,
    );
    notes.push(`The chain was complete ${seconds.toFixed(1)} s after the last run.`);
  }
  const memory = memoryOf(stack);
  publish({ takenAt: new Date().toISOString(), machine: machine(), measurements, ...memory, notes });
} finally {
  await stack.stop();
}

interface Measured {
  measurement: Measurement;
  /** Of all runs, the one that warms up included. */
  answered: number;
  /** What the disturbance did, where there was one. */
  notes: string[];
}

/** A scenario with a disturbance is run without it first, for as long: what counts is the ratio. */
async function measure({ name, connections, requests, beside, flood }: Scenario): Promise<Measured> {
  const plan = { url: stack.url, connections, requests };
  const seconds = Number(options.seconds);
  const disturbed = beside !== undefined || flood !== undefined;
  const first = await runLoad({ ...plan, seconds: disturbed ? seconds : WARM_UP_SECONDS });
  const before = sampleStack(stack);
  const [result, flooded] = await Promise.all([
    runLoad({ ...plan, seconds }),
    flood && runFlood({ url: stack.url, ...flood, seconds }),
    beside && runLoad({ url: stack.url, ...beside, seconds }),
  ]);
  const after = sampleStack(stack);
  const measurement = {
    scenario: name,
    connections,
    rps: result.ok / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    bad: result.bad,
    cpuMicrosPerRequest: {
      ...cpuPerRequest(before, after, result.ok),
      'load generator': result.cpuMicros / Math.max(1, result.ok),
    },
  };
  say(
    `${name} at ${connections}: ${measurement.rps.toFixed(0)} req/s, p50 ${result.p50Ms} ms, p99 ${result.p99Ms} ms, ${result.bad} bad`,
  );
  const notes = disturbed ? [disturbance(measurement, first, flooded)] : [];
  return { measurement, answered: first.ok + result.ok, notes };
}

function disturbance({ scenario, rps }: Measurement, alone: LoadResult, flooded: FloodResult | undefined): string {
  const aloneRps = alone.ok / alone.seconds;
  const ratio = `${scenario}: ${rps.toFixed(0)} req/s, alone just before ${aloneRps.toFixed(0)}: ${(rps / aloneRps).toFixed(2)} of it`;
  if (!flooded) return `${ratio}.`;
  const answers = Object.entries(flooded.answers).map(
    ([status, n]) => `${(n / flooded.seconds).toFixed(0)} × ${status}`,
  );
  return `${ratio}; the flood got a second ${answers.join(', ')}, and lost ${flooded.lost} connections.`;
}

function machine(): string {
  return `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, ${os.type()}`;
}

function publish(report: Report): void {
  const earlier = options.compare ? (JSON.parse(readFileSync(options.compare, 'utf8')) as Report) : undefined;
  if (options.save) writeFileSync(options.save, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : printReport(report, earlier)}\n`);
}
