/** The answer to an expensive question, asked anew at most once per `maxAgeMs`, however many want to know. */
export class Recent<T> {
  private answer: Promise<T> | undefined;
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly maxAgeMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The next one who wants to know asks anew. */
  forget(): void {
    this.answer = undefined;
  }

  async get(): Promise<T> {
    if (!this.answer || this.now() - this.askedAt > this.maxAgeMs) {
      this.askedAt = this.now();
      this.answer = this.ask();
    }
    return this.answer;
  }
}
