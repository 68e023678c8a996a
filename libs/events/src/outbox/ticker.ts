export interface TickerOptions {
  /** Least time between the starts of two runs. */
  distanceMs: number;
  /** Time to the next run when nothing hints earlier. */
  idleMs: number;
  onError: (error: Error) => void;
}

const LONGEST_BACKOFF_MS = 10_000;

/**
 * Runs a task again and again, never twice at once: soon after a hint, at once when the task says that there is more, and
 * from time to time anyway. After errors it backs off, up to ten seconds or the next hint.
 */
export class Ticker {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private hinted = false;
  private stopped = true;
  /** On the monotonic clock: the other one may be put back. */
  private lastStart = -Infinity;
  private failures = 0;

  constructor(
    private readonly task: () => Promise<boolean>,
    private readonly options: TickerOptions,
  ) {}

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  hint(): void {
    if (this.stopped || this.hinted) return;
    this.hinted = true;
    if (!this.running) this.schedule(this.untilAllowed());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.running = this.run().then((nextMs) => {
        this.running = undefined;
        if (!this.stopped) this.schedule(nextMs);
      });
    }, delayMs);
  }

  /** Answers the time until the next run. */
  private async run(): Promise<number> {
    this.hinted = false;
    this.lastStart = performance.now();
    try {
      const more = await this.task();
      this.failures = 0;
      if (more) return 0;
      return this.hinted ? this.untilAllowed() : this.options.idleMs;
    } catch (error) {
      this.failures += 1;
      this.options.onError(error as Error);
      return Math.min(LONGEST_BACKOFF_MS, this.options.idleMs * 2 ** (this.failures - 1));
    }
  }

  private untilAllowed(): number {
    const { distanceMs, idleMs } = this.options;
    return Math.max(0, this.lastStart + (this.failures === 0 ? distanceMs : idleMs) - performance.now());
  }
}
