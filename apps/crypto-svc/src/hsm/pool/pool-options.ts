import type { TokenOptions } from '../pkcs11/token.js';
import type { Operation } from './messages.js';

export interface PoolOptions extends TokenOptions {
  pin: string;
  /** Threads, each with one session. */
  workers: number;
  /** How long a call waits in the queue, and again how long a worker may take, before it is answered "unavailable". */
  callTimeoutMs: number;
  maxQueuedJobs: number;
  /** How often each worker proves that it works; `health` believes a proof for twice as long. Default: a second. */
  probeIntervalMs?: number;
  observer?: PoolObserver;
}

/** connected: calls are served. lost: sessions are renewed. unavailable: that failed. stuck: a worker did not answer in time. */
export type PoolEvent = 'connected' | 'lost' | 'unavailable' | 'stuck';

export interface PoolObserver {
  happened(event: PoolEvent, reason?: string): void;
  /** @param seconds since the job was submitted, its wait for a worker included */
  jobDone(operation: Operation, result: string, items: number, seconds: number): void;
}
