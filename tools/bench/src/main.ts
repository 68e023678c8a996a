import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { Stack } from '@oneclaw/stack';
import { runLoad } from './load.js';
import { cpuPerRequest, sampleStack } from './processes.js';
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
/** One address sends everything, and no limit of the kind that protects a real gateway is to be measured. */
const NO_RATE_LIMIT = { RATE_LIMIT_PER_SECOND: '1000000', RATE_LIMIT_BURST: '1000000' };
/** Nor is a month's quota. Requests are counted all the same. */
const NO_QUOTA = { DEFAULT_TIER: 'enterprise' };

const say = (line: string) => process.stderr.write(`${line}\n`);

say('starting a stack of its own (fsync on) …');
const stack = await Stack.start({
  durable: true,
  mail: false,
  env: { gateway: NO_RATE_LIMIT, 'billing-svc': NO_QUOTA },
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
    const { measurement, answered } = await measure(scenario);
    measurements.push(measurement);
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
  publish({ takenAt: new Date().toISOString(), machine: machine(), measurements, rssMegabytes: memory(), notes });
} finally {
  await stack.stop();
}

async function measure({
  name,
  connections,
  requests,
  beside,
}: Scenario): Promise<{ measurement: Measurement; answered: number }> {
  const plan = { url: stack.url, connections, requests };
  const warmUp = await runLoad({ ...plan, seconds: WARM_UP_SECONDS });
  const seconds = Number(options.seconds);
  const before = sampleStack(stack);
  const [result] = await Promise.all([
    runLoad({ ...plan, seconds }),
    ...(beside ? [runLoad({ url: stack.url, ...beside, seconds })] : []),
  ]);
  const after = sampleStack(stack);
  const measurement = {
    scenario: name,
    connections,
    rps: result.ok / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    bad: result.bad,
    cpuMicrosPerRequest: cpuPerRequest(before, after, result.ok),
  };
  say(
    `${name} at ${connections}: ${measurement.rps.toFixed(0)} req/s, p50 ${result.p50Ms} ms, p99 ${result.p99Ms} ms, ${result.bad} bad`,
  );
  return { measurement, answered: warmUp.ok + result.ok };
}

function memory(): Record<string, number> {
  return Object.fromEntries(Object.entries(sampleStack(stack)).map(([name, sample]) => [name, sample.rssMegabytes]));
}

function machine(): string {
  return `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, ${os.type()}`;
}

function publish(report: Report): void {
  const earlier = options.compare ? (JSON.parse(readFileSync(options.compare, 'utf8')) as Report) : undefined;
  if (options.save) writeFileSync(options.save, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : printReport(report, earlier)}\n`);
}
