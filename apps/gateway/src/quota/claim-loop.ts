/** Collects what has something to claim, and claims for all of it at once; never more than one claim is under way. */
export class ClaimLoop<T> {
  private readonly due = new Set<T>();
  private scheduled = false;
  private running: Promise<void> | undefined;

  /** @param claim never rejects */
  constructor(private readonly claim: (due: readonly T[]) => Promise<void>) {}

  /** With the next claim: that of this turn of the event loop, or the one after that which is under way. */
  add(item: T): void {
    this.due.add(item);
    if (this.scheduled || this.running) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.run();
    });
  }

  get isIdle(): boolean {
    return this.due.size === 0 && !this.running;
  }

  /** Resolves when there is nothing left to claim. */
  async drain(): Promise<void> {
    this.run();
    while (this.running) await this.running;
  }

  private run(): void {
    if (this.running || this.due.size === 0) return;
    const due = [...this.due];
    this.due.clear();
    this.running = this.claim(due).finally(() => {
      this.running = undefined;
      this.run();
    });
  }
}
