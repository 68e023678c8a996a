import { parentPort, workerData } from 'node:worker_threads';
import autocannon from 'autocannon';
import type { LoadPlan, LoadResult } from './load.js';

const { url, connections, seconds, requests } = workerData as LoadPlan;

const result = await autocannon({
  url,
  connections,
  duration: seconds,
  // Each connection walks the list from a place of its own, or all would ask for one secret at one moment.
  setupClient: (client) => client.setRequests(rotated(requests, Math.floor(Math.random() * requests.length)) as never),
});
const answer: LoadResult = {
  ok: result['2xx'],
  bad: result.non2xx + result.errors + result.timeouts,
  seconds: result.duration,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
};
parentPort?.postMessage(answer);

function rotated<T>(items: T[], by: number): T[] {
  return [...items.slice(by), ...items.slice(0, by)];
}
