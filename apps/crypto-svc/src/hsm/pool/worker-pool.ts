import { activeTracing } from '@oneclaw/telemetry';
import { HsmUnavailable, hsmError, type HsmError } from '../hsm.errors.js';
import type { HsmHealth } from '../hsm.port.js';
import { JobQueue, type Job } from './job-queue.js';
import type { PoolOptions } from './pool-options.js';
import type { JobReply, Operation } from './messages.js';
import { pack, unpack } from './packed.js';
import { Recovery } from './recovery.js';
import { WorkerThread } from './worker-thread.js';

/**
 * Hands jobs to worker threads. Jobs submitted in one turn of the event loop, or while all workers are busy, share a
 * message; a lone job goes out at the end of the turn. A worker that hangs loses its jobs, not those of the others.
 */
export class WorkerPool {
  private workers: WorkerThread[] = [];
  private readonly queue: JobQueue;
  private readonly recovery: Recovery;
  private readonly timers: NodeJS.Timeout[] = [];
  private dispatchScheduled = false;
  private closed = false;
  private readonly probeIntervalMs: number;

  constructor(private readonly options: PoolOptions) {
    this.probeIntervalMs = options.probeIntervalMs ?? 1000;
    this.queue = new JobQueue(options.maxQueuedJobs, options.callTimeoutMs);
    this.recovery = new Recovery(
      () => this.workers,
      {
        pin: options.pin,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        callTimeoutMs: options.callTimeoutMs,
        retryMs: { first: 500, most: 2000 },
      },
      { up: () => this.onUp(), down: (failure) => this.onDown(failure) },
    );
  }

  get queueLength(): number {
    return this.queue.length;
  }

  /** Sessions that work. */
  get connectedWorkers(): number {
    return this.workers.filter(({ connected }) => connected).length;
  }

  /** Does not wait for the HSM: until it is there, `health` says why not. */
  start(): void {
    this.workers = Array.from({ length: this.options.workers }, () => this.startWorker());
    this.timers.push(setInterval(() => this.probeAll(), this.probeIntervalMs).unref());
    this.timers.push(setInterval(() => this.queue.rejectExpired(performance.now()), EXPIRY_INTERVAL_MS).unref());
    this.recovery.connectWorkers();
  }

  submit(operation: Operation, fields: readonly Uint8Array[], items: number): Promise<Buffer[]> {
    const span = activeTracing()?.child({ name: `hsm ${operation}`, kind: 'internal', attributes: { items } });
    const done = this.enqueue(operation, fields, items);
    if (span)
      done.then(
        () => span.end(),
        () => span.end({ failed: true }),
      );
    return done;
  }

  private enqueue(operation: Operation, fields: readonly Uint8Array[], items: number): Promise<Buffer[]> {
    return new Promise<Buffer[]>((resolve, reject) => {
      const refusal = this.refusal();
      if (refusal !== undefined) return reject(refusal);
      this.queue.add({ operation, fields, items, submittedAt: performance.now(), retried: false, resolve, reject });
      this.scheduleDispatch();
    });
  }

  health(): HsmHealth {
    const { state, failure } = this.recovery;
    const freshSince = performance.now() - 2 * this.probeIntervalMs;
    const proven = this.workers.filter(({ connected, provenAt }) => connected && provenAt >= freshSince).length;
    if (state === 'up' && proven === this.workers.length) return { status: 'ok' };
    if (state === 'recovering') return { status: 'degraded', reason: 'The connection to the HSM is being renewed.' };
    if (state === 'starting') return { status: 'unavailable', reason: 'The HSM is not connected yet.' };
    if (state === 'down') return { status: 'unavailable', reason: failure?.detail ?? 'The HSM is unavailable.' };
    const reason = `${proven} of ${this.workers.length} HSM workers answer.`;
    return { status: proven > 0 ? 'degraded' : 'unavailable', reason };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.timers.forEach(clearInterval);
    this.queue.rejectAll(new HsmUnavailable('crypto-svc is stopping.'));
    await this.recovery.close();
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }

  private onUp(): void {
    this.options.observer?.happened('connected');
    this.scheduleDispatch();
  }

  private onDown(failure: HsmError): void {
    this.options.observer?.happened('unavailable', failure.detail);
    this.queue.rejectAll(failure);
  }

  private refusal(): Error | undefined {
    if (this.recovery.state === 'down') return this.recovery.failure;
    const everyoneIsStuck = this.workers.every(({ state }) => state === 'stuck');
    return everyoneIsStuck ? new HsmUnavailable('The HSM does not answer.') : undefined;
  }

  private scheduleDispatch(): void {
    if (this.dispatchScheduled) return;
    this.dispatchScheduled = true;
    setImmediate(() => {
      this.dispatchScheduled = false;
      this.dispatch();
    });
  }

  private dispatch(): void {
    if (this.recovery.state !== 'up') return;
    const free = this.workers.filter(({ connected, state }) => connected && state === 'idle');
    free.forEach((worker, index) => {
      const jobs = this.queue.take(free.length - index, MAX_ITEMS_PER_MESSAGE);
      if (worker.probeDue) jobs.unshift(probeJob(worker));
      if (jobs.length > 0) void this.run(worker, jobs);
    });
  }

  private async run(worker: WorkerThread, jobs: Job[]): Promise<void> {
    const requests = jobs.map(({ operation, fields }) => ({ operation, fields: pack(fields) }));
    const moved = requests.map(({ fields }) => fields.buffer);
    const response = await worker.send({ type: 'run', jobs: requests }, this.options.callTimeoutMs, moved);
    if (response?.type === 'ran') jobs.forEach((job, index) => this.settle(job, response.replies[index]!));
    else {
      this.options.observer?.happened('stuck');
      for (const job of jobs) this.fail(job, new HsmUnavailable('The HSM did not answer in time.'));
    }
    this.scheduleDispatch();
  }

  private settle(job: Job, reply: JobReply): void {
    if (reply.type === 'fields') {
      this.report(job, 'ok');
      return job.resolve(unpack(reply.fields));
    }
    const tokenLost = reply.kind === 'unavailable' || (job.operation === 'probe' && reply.kind === 'key-missing');
    if (tokenLost) this.onTokenLost(reply.detail);
    if (!tokenLost || job.retried || this.recovery.state === 'down')
      return this.fail(job, hsmError(reply.kind, reply.detail));
    job.retried = true;
    this.queue.addFirst(job);
  }

  private onTokenLost(reason: string): void {
    if (this.recovery.state === 'up') this.options.observer?.happened('lost', reason);
    this.recovery.onTokenLost();
  }

  private fail(job: Job, error: Error & { kind?: string }): void {
    this.report(job, error.kind ?? 'error');
    job.reject(error);
  }

  private report({ operation, items, submittedAt }: Job, result: string): void {
    this.options.observer?.jobDone(operation, result, items, (performance.now() - submittedAt) / 1000);
  }

  private probeAll(): void {
    for (const worker of this.workers) worker.probeDue = worker.connected;
    this.scheduleDispatch();
  }

  private startWorker(): WorkerThread {
    const { modulePath, tokenLabel, kekCacheSize } = this.options;
    return new WorkerThread(
      { modulePath, tokenLabel, kekCacheSize },
      { returned: () => this.recovery.connectWorkers(), died: (worker) => this.replaceSoon(worker) },
    );
  }

  /** Not at once: a thread that dies at its start would be started in a loop. */
  private replaceSoon(worker: WorkerThread): void {
    if (this.closed) return;
    setTimeout(() => {
      if (this.closed) return;
      this.workers = this.workers.map((member) => (member === worker ? this.startWorker() : member));
      this.recovery.connectWorkers();
    }, REPLACE_DELAY_MS).unref();
  }
}

/** Not repeated: its failure is the news. */
function probeJob(worker: WorkerThread): Job {
  worker.probeDue = false;
  const resolve = () => {
    worker.provenAt = performance.now();
  };
  const reject = () => undefined;
  return { operation: 'probe', fields: [], items: 1, submittedAt: performance.now(), retried: true, resolve, reject };
}

const CONNECT_TIMEOUT_MS = 30_000;
const EXPIRY_INTERVAL_MS = 200;
const REPLACE_DELAY_MS = 500;
const MAX_ITEMS_PER_MESSAGE = 64;
