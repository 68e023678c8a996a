import { Worker } from 'node:worker_threads';

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
}

export interface LoadResult {
  /** Answers with status 2xx. */
  ok: number;
  /** Other answers, errors and timeouts: a run with any is not a measurement. */
  bad: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
}

/** Runs autocannon in a thread of its own, so that the meter's work does not show in the latencies. */
export function runLoad(plan: LoadPlan): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./load-worker.js', import.meta.url), { workerData: plan });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
