interface Bucket {
  tokens: number;
  /** Milliseconds of the clock. */
  at: number;
}

export interface BucketOptions {
  perSecond: number;
  burst: number;
  /** Buckets kept at most; beyond it full ones go first, then the oldest. */
  maxBuckets?: number;
  now?: () => number;
}

/** A token bucket per key, in bounded memory. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();
  private readonly perMs: number;
  private readonly maxBuckets: number;
  private readonly now: () => number;

  constructor(private readonly options: BucketOptions) {
    this.perMs = options.perSecond / 1000;
    this.maxBuckets = options.maxBuckets ?? 100_000;
    this.now = options.now ?? (() => performance.now());
  }

  /** Takes a token: 0 when there was one, else the seconds until there is. */
  take(key: string): number {
    const now = this.now();
    const bucket = this.buckets.get(key);
    if (!bucket) {
      this.add(key, now);
      return 0;
    }
    bucket.tokens = this.refilled(bucket, now);
    bucket.at = now;
    if (bucket.tokens < 1) return (1 - bucket.tokens) / this.options.perSecond;
    bucket.tokens -= 1;
    return 0;
  }

  get size(): number {
    return this.buckets.size;
  }

  private refilled(bucket: Bucket, now: number): number {
    return Math.min(this.options.burst, bucket.tokens + (now - bucket.at) * this.perMs);
  }

  private add(key: string, now: number): void {
    if (this.buckets.size >= this.maxBuckets) this.makeRoom(now);
    this.buckets.set(key, { tokens: this.options.burst - 1, at: now });
  }

  /** A full bucket says nothing that its absence would not say. */
  private makeRoom(now: number): void {
    for (const [key, bucket] of this.buckets) {
      if (this.refilled(bucket, now) >= this.options.burst) this.buckets.delete(key);
    }
    const excess = this.buckets.size - Math.floor(this.maxBuckets * 0.9);
    if (excess <= 0) return;
    for (const key of [...this.buckets.keys()].slice(0, excess)) this.buckets.delete(key);
  }
}
