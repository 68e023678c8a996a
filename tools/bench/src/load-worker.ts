import autocannon from 'autocannon';
import type { LoadPlan, LoadResult } from './load.js';

const REQUESTS_PER_CONNECTION = 50;

process.once('message', (plan) => {
  void run(plan as LoadPlan).then((result) => process.send?.(result, () => process.disconnect()));
});

async function run({ url, connections, seconds, requests, expect = '2xx' }: LoadPlan): Promise<LoadResult> {
  const before = process.cpuUsage();
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    // Each connection walks a part of the list from a place of its own: all would otherwise ask for one secret at one moment, and
    // the generator would spend the first second of a run on preparing the whole list for each of them.
    setupClient: (client) =>
      client.setRequests(
        rotated(requests, Math.floor(Math.random() * requests.length)).slice(0, REQUESTS_PER_CONNECTION) as never,
      ),
  });
  const { user, system } = process.cpuUsage(before);
  return {
    cpuMicros: user + system,
    ok: result[expect],
    bad: result['2xx'] + result.non2xx - result[expect] + result.errors + result.timeouts,
    seconds: result.duration,
    meanMs: result.latency.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}

function rotated<T>(items: T[], by: number): T[] {
  return [...items.slice(by), ...items.slice(0, by)];
}
