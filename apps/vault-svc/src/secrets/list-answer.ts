/** What an answer may hold: it is one message, and lists have no end. */
const MAX_ENTRIES = 5000;
const MAX_BYTES = 4 * 1024 * 1024;

/** The entries of one answer, as many as it has room for. */
export class ListAnswer<T extends { metadataJson: string }> {
  readonly entries: T[] = [];
  private bytes = 0;
  private readonly limit: number;

  /** @param limit 0 = no other than what an answer holds. */
  constructor(limit: number) {
    this.limit = limit > 0 ? Math.min(limit, MAX_ENTRIES) : MAX_ENTRIES;
  }

  /** False where there is no room left for it. The first entry always has. */
  add(entry: T): boolean {
    if (this.isFull) return false;
    this.entries.push(entry);
    this.bytes += entry.metadataJson.length;
    return true;
  }

  get isFull(): boolean {
    return this.entries.length >= this.limit || this.bytes >= MAX_BYTES;
  }

  get last(): T | undefined {
    return this.entries.at(-1);
  }
}
