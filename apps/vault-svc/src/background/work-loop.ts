export interface WorkLoopOptions {
  /** Does a bounded part of what there is to do; false where there is nothing. Every replica runs it, so it takes what it does. */
  step: () => Promise<boolean>;
  /** Between looks for something to do. */
  intervalMs: number;
  /** From the look that a hint brought about to another: for what may have been hidden from the first. Absent: there is none. */
  secondLookMs?: number;
  /** Between steps, so that requests do not feel them. */
  pauseMs: number;
  onError: (error: unknown) => void;
}

/** Work that goes on in the background, in small steps, until there is none left; then looks again from time to time. */
export class WorkLoop {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private hinted = false;

  constructor(private readonly options: WorkLoopOptions) {}

  /** The first look is somewhere within the interval, so that replicas do not all look at once. */
  start(): void {
    this.schedule(this.options.intervalMs * Math.random());
  }

  /** There is something to do just now. */
  hint(): void {
    this.hinted = true;
    if (!this.running) this.schedule(0);
  }

  /** Resolves when the step under way, if any, has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { intervalMs, secondLookMs } = this.options;
      const lookAgain = this.hinted && secondLookMs !== undefined;
      this.hinted = false;
      this.running = this.run().finally(() => {
        this.running = undefined;
        this.schedule(this.hinted || lookAgain ? (secondLookMs ?? 0) : intervalMs);
      });
    }, delayMs);
    this.timer.unref();
  }

  private async run(): Promise<void> {
    const { step, pauseMs, onError } = this.options;
    try {
      while (!this.stopped && (await step())) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    } catch (error) {
      onError(error);
    }
  }
}
