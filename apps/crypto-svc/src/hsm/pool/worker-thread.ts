import { Worker } from 'node:worker_threads';
import type { TokenOptions } from '../pkcs11/token.js';
import type { WorkerRequest, WorkerResponse } from './messages.js';

/**
 * idle: may be given a request. busy: has one. stuck: did not answer in time and may still be inside the module, so that
 * its thread can neither be used nor stopped; it is idle again when it answers. dead: the thread has ended.
 */
export type WorkerState = 'idle' | 'busy' | 'stuck' | 'dead';

/** A request is a few packed buffers: a small young generation collects them as well as a large one. */
const YOUNG_GENERATION_MB = 3;

/** The pool's side of one worker thread. */
export class WorkerThread {
  state: WorkerState = 'idle';
  /** Its session has been proven to work and has not been lost since. */
  connected = false;
  /** When it last encrypted and decrypted a test value; milliseconds of `performance.now()`. */
  provenAt = Number.NEGATIVE_INFINITY;
  probeDue = false;
  /** Settles with the request under way. */
  settled: Promise<unknown> = Promise.resolve();
  private readonly thread: Worker;
  private settle: ((response: WorkerResponse | undefined) => void) | undefined;

  constructor(
    options: TokenOptions,
    private readonly events: { returned: (worker: WorkerThread) => void; died: (worker: WorkerThread) => void },
  ) {
    this.thread = new Worker(compiledWorker(), {
      workerData: options,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.thread.unref();
    this.thread.on('message', (response: WorkerResponse) => this.onResponse(response));
    this.thread.on('error', () => undefined); // always followed by "exit"
    this.thread.on('exit', () => this.onExit());
  }

  /** Undefined when no answer came within `timeoutMs`, or the thread died. */
  send(request: WorkerRequest, timeoutMs: number, moved: ArrayBuffer[] = []): Promise<WorkerResponse | undefined> {
    if (this.state !== 'idle') throw new Error(`a worker that is ${this.state} was given a request`);
    this.state = 'busy';
    const answer = new Promise<WorkerResponse | undefined>((resolve) => {
      const timer = setTimeout(() => this.giveUp(), timeoutMs);
      this.settle = (response) => {
        clearTimeout(timer);
        this.settle = undefined;
        resolve(response);
      };
      this.thread.postMessage(request, moved);
    });
    this.settled = answer;
    return answer;
  }

  /** Does not wait for a thread inside a native call: it cannot be stopped. */
  async stop(): Promise<void> {
    const stopped = this.thread.terminate();
    if (this.state === 'idle' || this.state === 'dead') await stopped;
  }

  private onResponse(response: WorkerResponse): void {
    if (this.settle === undefined) return this.onLateResponse(response);
    this.state = 'idle';
    this.settle(response);
  }

  /** Nobody waits for it any more: what it holds is wiped. */
  private onLateResponse(response: WorkerResponse): void {
    if (response.type === 'ran') {
      for (const reply of response.replies) if (reply.type === 'fields') reply.fields.fill(0);
    }
    this.state = 'idle';
    this.events.returned(this);
  }

  private giveUp(): void {
    this.state = 'stuck';
    this.connected = false;
    this.settle?.(undefined);
  }

  private onExit(): void {
    this.state = 'dead';
    this.connected = false;
    this.settle?.(undefined);
    this.events.died(this);
  }
}

/** Threads run compiled code only. Under Jest this module is TypeScript in src/, so `tsc --build` has to run first. */
function compiledWorker(): URL {
  const here = import.meta.url.replace(/\/crypto-svc\/src\/(?=hsm\/pool\/[^/]+$)/, '/crypto-svc/dist/');
  return new URL('../pkcs11/worker.js', here);
}
