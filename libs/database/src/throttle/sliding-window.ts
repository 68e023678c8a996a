/** What is known of one key; epoch milliseconds, the database's. */
export interface Counter {
  failures: readonly number[];
  /** Attempts that are being checked. */
  pending: readonly number[];
}

export type Verdict = { kind: 'admit' } | { kind: 'wait' } | { kind: 'refuse'; retryAfterMs: number };

/** An attempt that takes longer was lost with its replica, and counts as a failure. */
export const LOST_AFTER_MS = 30_000;

/**
 * Whether one more attempt may be checked. Failures and attempts under way together never exceed the limit, so that parallel
 * tries do not add up to more; where only those under way stand against it, it depends on how they end.
 */
export function judge(
  { failures, pending }: Counter,
  { limit, ms }: { limit: number; ms: number },
  now: number,
): Verdict {
  const open = pending.filter((at) => at > now - LOST_AFTER_MS).length;
  const failed = recent([...failures, ...pending.filter((at) => at <= now - LOST_AFTER_MS)], ms, now);
  if (failed.length >= limit) {
    // The limit-th youngest has to leave the window.
    const freedBy = failed.sort((a, b) => b - a)[limit - 1] as number;
    return { kind: 'refuse', retryAfterMs: freedBy + ms - now };
  }
  return failed.length + open < limit ? { kind: 'admit' } : { kind: 'wait' };
}

/** Those within the window. */
export function recent(times: readonly number[], ms: number, now: number): number[] {
  return times.filter((at) => at > now - ms);
}
