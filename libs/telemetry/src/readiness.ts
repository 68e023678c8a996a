export interface ReadinessReport {
  ready: boolean;
  checks: Record<string, 'ok' | string>;
  /** Worth knowing, deciding nothing, e.g. how far the audit trail is behind. */
  details: Record<string, string | number>;
  /** Whether nothing that happens later is late: a process that is ready and not current serves, and its effects wait. */
  current: boolean;
}

type Check = () => Promise<void> | void;
type Lag = () => Promise<number> | number;

/** What waits for longer than this is late. When all is well it is a fraction of a second. */
export const MOST_LAG_SECONDS = 10;

const CHECK_TIMEOUT_MS = 2000;

/** Whether this process can serve: it accepts calls, it is not being shut down, and no named check throws. */
export class Readiness {
  private readonly checks = new Map<string, Check>();
  private readonly details = new Map<string, () => string | number>();
  private readonly lags = new Map<string, Lag>();
  private process: 'starting' | 'serving' | 'draining' = 'starting';

  add(name: string, check: Check): void {
    this.checks.set(name, check);
  }

  /** A value to show beside the checks. */
  inform(name: string, value: () => string | number): void {
    this.details.set(name, value);
  }

  /** How many seconds something waits that is done after the answer, such as a trail. Shown beside the checks; decides `current`. */
  lag(name: string, seconds: Lag): void {
    this.lags.set(name, seconds);
  }

  /** It accepts calls from now on. Who is told so earlier stops the replica that would have taken them. */
  serve(): void {
    if (this.process === 'starting') this.process = 'serving';
  }

  /** Not ready from now on: load balancers turn away before the server closes. */
  drain(): void {
    this.process = 'draining';
  }

  async report(): Promise<ReadinessReport> {
    const [checked, lags] = await Promise.all([
      Promise.all([...this.checks].map(async ([name, check]) => [name, await run(check)] as const)),
      Promise.all([...this.lags].map(async ([name, lag]) => [name, await secondsOf(lag)] as const)),
    ]);
    const checks = Object.fromEntries(checked);
    if (this.process !== 'serving') checks['process'] = this.process;
    const details = Object.fromEntries([...this.details].map(([name, value]) => [name, value()]));
    return {
      ready: Object.values(checks).every((result) => result === 'ok'),
      checks,
      details: { ...details, ...Object.fromEntries(lags) },
      // What is unknown is not said to be well.
      current: lags.every(([, seconds]) => typeof seconds === 'number' && seconds <= MOST_LAG_SECONDS),
    };
  }
}

async function secondsOf(lag: Lag): Promise<number | 'unknown'> {
  let seconds: number | undefined;
  const outcome = await run(async () => {
    seconds = await lag();
  });
  return outcome === 'ok' && seconds !== undefined ? seconds : 'unknown';
}

async function run(check: Check): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('no answer'), CHECK_TIMEOUT_MS);
  });
  const outcome = Promise.resolve()
    .then(check)
    .then(
      () => 'ok',
      (error: unknown) => (error instanceof Error ? error.message : 'failed'),
    );
  const result = await Promise.race([outcome, timeout]);
  clearTimeout(timer);
  return result;
}
