/** Runs a job again and again, the next one `pauseMs` after the end of the last, until stopped. */
export class Repeating {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly job: () => Promise<void>,
    private readonly pauseMs: number,
    private readonly onError: (error: Error) => void,
  ) {}

  start(): void {
    this.schedule(0);
  }

  /** Resolves when the run under way, if any, has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.job()
        .catch((error: unknown) => this.onError(error as Error))
        .finally(() => this.schedule(this.pauseMs));
    }, delayMs);
  }
}
