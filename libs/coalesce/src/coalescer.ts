import { activeTracing, type Carried } from '@oneclaw/telemetry/tracing';

export interface CoalescerOptions<I = unknown> {
  /** The most items that one batch may hold. */
  maxItems: number;
  /** The most that the items of one batch may weigh together; an item that is heavier goes alone. Default: unlimited. */
  maxWeight?: number;
  /** For example its size in bytes. */
  weightOf?: (item: I) => number;
  /** The most batches under way at once; more items wait and join the next batch. */
  maxInFlight: number;
  /** Items that wait beyond this many are refused by `onOverflow`. Default: unlimited. */
  maxWaiting?: number;
  /** Makes the error of a refused item. */
  onOverflow?: () => Error;
}

interface Waiting<I, O> {
  item: I;
  /** The trace that it belongs to, where there are traces: a batch runs in the first one's, linked with the others. */
  carried: Carried;
  resolve: (value: O) => void;
  reject: (error: unknown) => void;
}

/** An item's result where it was not done: it goes first into the next batch. */
export const AGAIN = Symbol('again');

type Result<O> = O | Error | typeof AGAIN;

/**
 * Turns concurrent calls for one item into calls for a list of items.
 *
 * Calls made in one turn of the event loop form a batch; while `maxInFlight` batches are under way, later calls gather.
 * A lone call pays no waiting beyond the end of the turn. `run` answers with one result per item, in order; a rejected
 * `run` rejects its items only. An item's result may itself be an Error, which rejects that item alone, or `AGAIN`.
 */
export class Coalescer<I, O> {
  private waiting: Waiting<I, O>[] = [];
  private inFlight = 0;
  private scheduled = false;
  private readonly tracing = activeTracing();

  constructor(
    private readonly run: (items: I[]) => Promise<readonly Result<O>[]>,
    private readonly options: CoalescerOptions<I>,
  ) {}

  add(item: I): Promise<O> {
    if (this.options.maxWaiting !== undefined && this.waiting.length >= this.options.maxWaiting) {
      return Promise.reject(this.options.onOverflow?.() ?? new Error('too many calls are waiting'));
    }
    return new Promise<O>((resolve, reject) => {
      this.waiting.push({ item, carried: this.tracing?.carry(), resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight >= this.options.maxInFlight) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    while (this.waiting.length > 0 && this.inFlight < this.options.maxInFlight) {
      const batch = this.waiting.splice(0, this.batchSize());
      this.inFlight += 1;
      void this.execute(batch);
    }
  }

  private batchSize(): number {
    const { maxItems, maxWeight = Infinity, weightOf = () => 0 } = this.options;
    let weight = 0;
    const tooHeavy = (entry: Waiting<I, O>): boolean => (weight += weightOf(entry.item)) > maxWeight;
    const end = maxWeight === Infinity ? -1 : this.waiting.slice(0, maxItems).findIndex(tooHeavy);
    return end === -1 ? maxItems : Math.max(1, end);
  }

  private runTraced(batch: Waiting<I, O>[]): Promise<readonly Result<O>[]> {
    const run = () => this.run(batch.map((entry) => entry.item));
    return this.tracing
      ? this.tracing.runFor(
          batch.map(({ carried }) => carried),
          run,
        )
      : run();
  }

  private async execute(batch: Waiting<I, O>[]): Promise<void> {
    try {
      const results = await this.runTraced(batch);
      if (results.length !== batch.length) {
        throw new Error(`a batch of ${batch.length} items got ${results.length} results`);
      }
      this.waiting.unshift(...batch.filter((_, index) => results[index] === AGAIN));
      batch.forEach((entry, index) => {
        const result = results[index] as Result<O>;
        if (result instanceof Error) entry.reject(result);
        else if (result !== AGAIN) entry.resolve(result);
      });
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    } finally {
      this.inFlight -= 1;
      if (this.waiting.length > 0) this.schedule();
    }
  }
}
