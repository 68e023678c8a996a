import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Stack } from '@oneclaw/stack';
import { runLoad } from '../load.js';
import { cpuPerRequest, sampleStack } from '../processes.js';
import { scenariosFor } from '../scenarios.js';
import { seedWorld } from '../world.js';

/** `npm run bench -- tracing`: what traces cost reads. Stacks side by side take turns, so that what the machine does besides cancels out. */
const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '6' } },
});
const SHARES = [undefined, '0.01', '1'];
const WARM_UP_SECONDS = 3;
const CONNECTIONS = 32;

const receiver = fork(fileURLToPath(new URL('./receiver.js', import.meta.url)));
const [endpoint] = (await once(receiver, 'message')) as [string];
const contestants: Contestant[] = [];
try {
  for (const share of SHARES) contestants.push(await contestant(share));
  for (const each of contestants) await measure(each, WARM_UP_SECONDS);
  for (const each of contestants) Object.assign(each, { reads: 0, seconds: 0, cpuMicros: 0 });
  for (let round = 0; round < Number(options.rounds); round += 1) {
    // Each is the first, the second and the third equally often, and none comes twice in a row, which would be to its advantage.
    const first = round % contestants.length;
    const turns = [...contestants.slice(first), ...contestants.slice(0, first)];
    for (const each of turns) await measure(each, Number(options.seconds));
  }
  for (const each of contestants) process.stdout.write(`${lineOf(each, contestants[0]!)}\n`);
} finally {
  for (const { stack } of contestants) await stack.stop();
  receiver.disconnect();
}

interface Contestant {
  name: string;
  stack: Stack;
  requests: Parameters<typeof runLoad>[0]['requests'];
  reads: number;
  seconds: number;
  /** Of all processes of the stack; the receiver's and the load generator's are not in it. */
  cpuMicros: number;
}

async function contestant(share: string | undefined): Promise<Contestant> {
  const stack = await Stack.start({
    durable: true,
    mail: false,
    env: {
      all: share === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
      gateway: { TRUSTED_PROXIES: '127.0.0.1', ...(share === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: share }) },
      'billing-svc': { DEFAULT_TIER: 'enterprise' },
    },
  });
  const [read] = scenariosFor(await seedWorld(stack.url));
  const name = share === undefined ? 'no endpoint' : `share ${share}`;
  return { name, stack, requests: read!.requests, reads: 0, seconds: 0, cpuMicros: 0 };
}

async function measure(each: Contestant, seconds: number): Promise<void> {
  const before = sampleStack(each.stack);
  const result = await runLoad({ url: each.stack.url, connections: CONNECTIONS, seconds, requests: each.requests });
  if (result.bad > 0) throw new Error(`${each.name}: ${result.bad} requests went wrong, this is no measurement`);
  const spent = Object.values(cpuPerRequest(before, sampleStack(each.stack), result.ok));
  each.reads += result.ok;
  each.seconds += result.seconds;
  each.cpuMicros += spent.reduce((sum, micros) => sum + micros, 0) * result.ok;
  process.stderr.write(`${each.name}: ${(result.ok / result.seconds).toFixed(0)} reads/s\n`);
}

function lineOf(each: Contestant, plain: Contestant): string {
  const rate = ({ reads, seconds }: Contestant): number => reads / seconds;
  const cpu = ({ cpuMicros, reads }: Contestant): number => cpuMicros / reads;
  const ratios = `${(rate(each) / rate(plain)).toFixed(3)} of the reads, ${(cpu(each) / cpu(plain)).toFixed(3)} of the processor time of each`;
  return `${each.name}: ${rate(each).toFixed(0)} reads/s, ${cpu(each).toFixed(0)} µs; ${ratios}`;
}
