interface Bucket {
  tokens: number;
  /** Milliseconds of the clock. */
  at: number;
}

export interface BucketOptions {
  perSecond: number;
  burst: number;
  /** Buckets kept at most; beyond it the fullest go first. */
  maxBuckets?: number;
  now?: () => number;
}

/** With the general limits a bucket is full again within two seconds, so this is for 15,000 new addresses a second; about 5 MB. */
const MAX_BUCKETS = 30_000;
/** How finely buckets are told apart by their tokens when some have to go. */
const LEVELS = 100;

/** A token bucket per key, in bounded memory. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();
  private readonly perMs: number;
  private readonly maxBuckets: number;
  private readonly now: () => number;

  constructor(private readonly options: BucketOptions) {
    this.perMs = options.perSecond / 1000;
    this.maxBuckets = options.maxBuckets ?? MAX_BUCKETS;
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

  /**
   * Forgets a tenth at least, the fullest first: a full bucket says nothing that its absence would not say, and whoever is being refused
   * stays refused however many others come. One pass counts how full they are, one takes them out.
   */
  private makeRoom(now: number): void {
    const levelOf = (bucket: Bucket): number => Math.floor((this.refilled(bucket, now) / this.options.burst) * LEVELS);
    const counts = new Array<number>(LEVELS + 1).fill(0);
    for (const bucket of this.buckets.values()) counts[levelOf(bucket)]! += 1;
    let excess = Math.max(counts[LEVELS]!, this.buckets.size - Math.floor(this.maxBuckets * 0.9));
    let lowest = LEVELS;
    while (counts[lowest]! < excess) excess -= counts[lowest--]!;
    for (const [key, bucket] of this.buckets) {
      const level = levelOf(bucket);
      if (level > lowest || (level === lowest && excess-- > 0)) this.buckets.delete(key);
    }
  }
}
