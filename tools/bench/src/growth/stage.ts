import { randomBytes } from 'node:crypto';
import type { Stack } from '@oneclaw/stack';
import { runLoad, type LoadPlan, type LoadRequest } from '../load.js';
import { memoryOf } from '../processes.js';
import type { BenchAgent } from '../world.js';
import { say } from '../roomy-stack.js';
import { Seeder } from './seeder.js';

export type ScenarioName = 'read' | 'write' | 'list page' | 'policy check';

export interface Timing {
  rps: number;
  meanMs: number;
  p50Ms: number;
  p99Ms: number;
}

export interface Stage {
  /** What is there: "1,000 secrets". */
  title: string;
  timings: Partial<Record<ScenarioName, Timing>>;
  rssMegabytes: Record<string, number>;
}

export interface StageWorld {
  vaultId: string;
  /** How many secrets there are. */
  secrets: number;
  /** May read and write all. */
  agents: readonly BenchAgent[];
  /** May read nothing of what is there. */
  outsider: BenchAgent;
}

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 2;
/** So many paths all over the vault are asked for, or pages begun at. */
const SAMPLE = 20_000;
const PAGE = 50;

/** Measures each scenario in a world of some size. Throws where an answer is not as it should be: that is no measurement. */
export async function measureStage(
  stack: Stack,
  title: string,
  world: StageWorld,
  scenarios: readonly ScenarioName[],
  seconds: number,
): Promise<Stage> {
  const timings: Stage['timings'] = {};
  for (const name of scenarios) {
    const plan = { url: stack.url, connections: CONNECTIONS, ...planOf(name, world) };
    await runLoad({ ...plan, seconds: WARM_UP_SECONDS });
    const result = await runLoad({ ...plan, seconds });
    if (result.bad > 0) throw new Error(`${name} at ${title}: ${result.bad} answers are not as they should be`);
    const { meanMs, p50Ms, p99Ms } = result;
    timings[name] = { rps: result.ok / result.seconds, meanMs, p50Ms, p99Ms };
    say(`${title}: ${name} p50 ${p50Ms} ms, mean ${meanMs.toFixed(1)} ms, p99 ${p99Ms} ms`);
  }
  return { title, timings, rssMegabytes: memoryOf(stack).rssMegabytes };
}

function planOf(name: ScenarioName, world: StageWorld): Pick<LoadPlan, 'requests' | 'expect'> {
  const secretsUrl = `/v1/vaults/${world.vaultId}/secrets`;
  const as = ({ token }: BenchAgent) => ({ authorization: `Bearer ${token}` });
  const ofEach = (make: (path: string, headers: Record<string, string>) => LoadRequest) =>
    sampleOf(world.secrets).map((path, index) => make(path, as(world.agents[index % world.agents.length]!)));
  switch (name) {
    case 'read':
      return { requests: ofEach((path, headers) => ({ method: 'GET', path: `${secretsUrl}/${path}`, headers })) };
    case 'write':
      return {
        requests: ofEach((path, headers) => ({
          method: 'PUT',
          path: `${secretsUrl}/${path}`,
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ value: randomBytes(48).toString('base64') }),
        })),
      };
    case 'list page':
      return {
        requests: ofEach((path, headers) => ({
          method: 'GET',
          path: `${secretsUrl}?limit=${PAGE}&cursor=${cursorAt(path)}`,
          headers,
        })),
      };
    case 'policy check':
      // A read that policies refuse: it passes everything but the HSM.
      return {
        requests: sampleOf(world.secrets).map((path) => ({
          method: 'GET',
          path: `${secretsUrl}/${path}`,
          headers: as(world.outsider),
        })),
        expect: '4xx',
      };
  }
}

/** Paths from all over the vault, at random. */
function sampleOf(secrets: number): string[] {
  return Array.from({ length: Math.min(SAMPLE, secrets) }, () => Seeder.path(Math.floor(Math.random() * secrets)));
}

/** As vault-svc makes them: so a page can begin anywhere. */
function cursorAt(path: string): string {
  return Buffer.from(JSON.stringify([path])).toString('base64url');
}
