export interface BoundedQueueOptions {
  /** Jobs at once. */
  concurrency: number;
  /** Jobs that may wait for a place. */
  maxWaiting: number;
  /** Makes the error of a job beyond that. */
  onOverflow: () => Error;
  /** Milliseconds that the place of a job stays empty, by how long the job took. Default: none. */
  restAfter?: (tookMs: number) => number;
}

/**
 * Runs at most `concurrency` jobs at once, so that what each of them costs in memory is bounded. Jobs beyond `maxWaiting` are
 * refused at once: nobody waits in a line that is longer than their patience. After a job its place stays empty for as long as
 * `restAfter` says; the job's caller has the answer by then.
 */
export class BoundedQueue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly options: BoundedQueueOptions) {}

  async run<T>(job: () => Promise<T>): Promise<T> {
    await this.enter();
    const start = performance.now();
    try {
      return await job();
    } finally {
      const restMs = this.options.restAfter?.(performance.now() - start) ?? 0;
      if (restMs < 1) this.leave();
      else setTimeout(() => this.leave(), restMs);
    }
  }

  private async enter(): Promise<void> {
    if (this.running < this.options.concurrency) {
      this.running += 1;
      return;
    }
    if (this.waiting.length >= this.options.maxWaiting) throw this.options.onOverflow();
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Hands its place to the next one in line, so that nobody can slip in between. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running -= 1;
  }
}
