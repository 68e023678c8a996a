import { setTimeout as delay } from 'node:timers/promises';
import { HsmUnavailable, hsmError, type HsmError } from '../hsm.errors.js';
import type { WorkerThread } from './worker-thread.js';

export interface RecoveryOptions {
  pin: string;
  /** For one worker to connect; with a network HSM this takes seconds. */
  connectTimeoutMs: number;
  /** For the other requests. */
  callTimeoutMs: number;
  retryMs: { first: number; most: number };
}

/**
 * Brings workers to the token, at the start and again after the token was lost; nothing else opens sessions.
 *
 * The module's state belongs to the process, so a recovery is: no call under way, finalise once, then one worker after
 * the other initialises, opens a session, logs in and finds its keys. A worker that is stuck inside the module makes
 * finalising unsafe; then the others only open new sessions. A refused PIN ends all attempts.
 */
export class Recovery {
  state: 'starting' | 'up' | 'recovering' | 'down' = 'starting';
  failure: HsmError | undefined;
  private tokenLost = false;
  private running: Promise<void> | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private retryMs: number;
  private closed = false;

  constructor(
    private readonly workers: () => WorkerThread[],
    private readonly options: RecoveryOptions,
    private readonly events: { up: () => void; down: (failure: HsmError) => void },
  ) {
    this.retryMs = options.retryMs.first;
  }

  /** Every session is to be given up and opened anew. */
  onTokenLost(): void {
    if (this.state === 'up') this.state = 'recovering';
    this.tokenLost = true;
    this.connectWorkers();
  }

  /** Connects the workers that are idle and not connected; the others are left alone. Calls join the one under way. */
  connectWorkers(): void {
    if (this.closed || this.failure?.kind === 'locked') return;
    clearTimeout(this.retryTimer);
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      if (this.tokenLost && this.state !== 'down') this.connectWorkers(); // lost again meanwhile
    });
  }

  /** Waits for calls under way, but not for a device that hangs; then the sessions end with the process. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retryTimer);
    const quiet = Promise.all([this.running, ...this.workers().map((worker) => worker.settled)]);
    await Promise.race([quiet, delay(this.options.callTimeoutMs, undefined, { ref: false })]);
    await this.finalise();
  }

  private async run(): Promise<void> {
    let wasReset = this.tokenLost;
    if (this.tokenLost) await this.reset();
    for (let worker = this.nextWorker(); worker !== undefined; worker = this.nextWorker()) {
      const failure = await this.connect(worker);
      if (failure === undefined) continue;
      if (wasReset || failure.kind !== 'unavailable') return this.goDown(failure);
      await this.reset();
      wasReset = true;
    }
    if (this.closed) return;
    if (this.workers().some((worker) => worker.connected)) this.goUp();
    else this.goDown(new HsmUnavailable('The HSM does not answer.'));
  }

  private async reset(): Promise<void> {
    if (this.state === 'up') this.state = 'recovering';
    await Promise.all(this.workers().map((worker) => worker.settled));
    this.tokenLost = false;
    for (const worker of this.workers()) worker.connected = false;
    await this.finalise();
  }

  private async finalise(): Promise<void> {
    const [worker] = this.idleWorkers();
    const unsafe = this.workers().some(({ state }) => state === 'stuck' || state === 'busy');
    if (worker !== undefined && !unsafe) await worker.send({ type: 'finalise' }, this.options.callTimeoutMs);
  }

  private async connect(worker: WorkerThread): Promise<HsmError | undefined> {
    const response = await worker.send({ type: 'connect', pin: this.options.pin }, this.options.connectTimeoutMs);
    if (response?.type === 'failed') return hsmError(response.kind, response.detail);
    if (response === undefined) return undefined; // stuck or dead: the others may do better
    worker.connected = true;
    worker.provenAt = performance.now();
    return undefined;
  }

  private goUp(): void {
    this.state = 'up';
    this.failure = undefined;
    this.retryMs = this.options.retryMs.first;
    this.events.up();
  }

  private goDown(failure: HsmError): void {
    this.state = 'down';
    this.failure = failure;
    this.tokenLost = true;
    if (failure.kind !== 'locked' && !this.closed) {
      this.retryTimer = setTimeout(() => this.connectWorkers(), this.retryMs).unref();
      this.retryMs = Math.min(this.retryMs * 2, this.options.retryMs.most);
    }
    this.events.down(failure);
  }

  private nextWorker(): WorkerThread | undefined {
    return this.closed ? undefined : this.idleWorkers().find((worker) => !worker.connected);
  }

  private idleWorkers(): WorkerThread[] {
    return this.workers().filter(({ state }) => state === 'idle');
  }
}
