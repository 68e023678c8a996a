/** A bounded map whose entries go after a while, the oldest first. */
export class ExpiringEntries<V> {
  private readonly entries = new Map<string, { value: V; until: number }>();

  constructor(
    private readonly options: { max: number; lifetimeMs: number },
    private readonly now: () => number = () => performance.now(),
  ) {}

  get(key: string): V | undefined {
    const entry = this.entries.get(key);
    if (entry && entry.until > this.now()) return entry.value;
    this.entries.delete(key);
    return undefined;
  }

  set(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, { value, until: this.now() + this.options.lifetimeMs });
    if (this.entries.size <= this.options.max) return;
    const oldest = this.entries.keys().next();
    if (!oldest.done) this.entries.delete(oldest.value);
  }
}
