const LONGEST_REST_MS = 500;

/**
 * How long to rest after a job that needs the processor: as long as others held it up. On an idle machine that is nothing; on a
 * busy one the jobs ask for a share that shrinks as the demand of others grows, so that logins never crowd out the reads beside
 * them. (A nice value would not do: it counts only among processes of one session or container.)
 */
export class Politeness {
  private fastestMs = Infinity;

  /** @param tookMs how long the last job took; all of them are of the same size */
  restAfter(tookMs: number): number {
    this.fastestMs = Math.min(this.fastestMs, tookMs);
    return Math.min(LONGEST_REST_MS, tookMs - this.fastestMs);
  }
}
