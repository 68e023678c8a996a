import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface LoadRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface LoadPlan {
  url: string;
  connections: number;
  seconds: number;
  requests: LoadRequest[];
  /** The class of answers that is measured; 2xx unless told. */
  expect?: '2xx' | '4xx';
}

export interface LoadResult {
  /** Answers of the class that is measured. */
  ok: number;
  /** Other answers, errors and timeouts: a run with any is not a measurement. */
  bad: number;
  seconds: number;
  meanMs: number;
  p50Ms: number;
  p99Ms: number;
  /** What the load generator itself took of the processors. */
  cpuMicros: number;
}

const WORKER = fileURLToPath(new URL('./load-worker.js', import.meta.url));

/** Runs autocannon in a process of its own, so that the meter's work does not show in the latencies. */
export function runLoad(plan: LoadPlan): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const worker = fork(WORKER, { serialization: 'advanced' });
    worker.once('message', (result) => resolve(result as LoadResult));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the load generator ended with ${code} before it answered`)));
    worker.send(plan);
  });
}
