const LONGEST_REST_MS = 500;

/** Of rest for each millisecond that others held a job up: a job takes more of the machine than its own share (calls, queries), so it gives more back. */
const REST_PER_DELAY = 3;

/**
 * How long to rest after a job that needs the processor: a few times as long as others held it up. On an idle machine that is nothing; on a
 * busy one the jobs ask for a share that shrinks as the demand of others grows, so that logins never crowd out the reads beside
 * them. (A nice value would not do: it counts only among processes of one session or container.)
 */
export class Politeness {
  private fastestMs = Infinity;

  /** @param tookMs how long the last job took; all of them are of the same size */
  restAfter(tookMs: number): number {
    this.fastestMs = Math.min(this.fastestMs, tookMs);
    return Math.min(LONGEST_REST_MS, REST_PER_DELAY * (tookMs - this.fastestMs));
  }
}
