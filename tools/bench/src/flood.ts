import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface FloodPlan {
  url: string;
  /** Local addresses that it comes from, one after the other. */
  addresses: string[];
  connections: number;
  seconds: number;
  /** A real session token; the flood sends it with signatures of its own making. */
  token: string;
}

export interface FloodResult {
  /** Answers by status, in that many seconds. */
  answers: Record<string, number>;
  seconds: number;
  /** Connections that the gateway closed, or that could not be made. */
  lost: number;
}

const WORKER = fileURLToPath(new URL('./flood-worker.js', import.meta.url));

/** Requests of callers who may nothing, as fast as they are answered, from a process of their own. */
export function runFlood(plan: FloodPlan): Promise<FloodResult> {
  return new Promise((resolve, reject) => {
    const worker = fork(WORKER, { serialization: 'advanced' });
    worker.once('message', (result) => resolve(result as FloodResult));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the flood ended with ${code} before its time`)));
    worker.send(plan);
  });
}
