export interface ReadinessReport {
  ready: boolean;
  checks: Record<string, 'ok' | string>;
  /** Worth knowing, deciding nothing, e.g. how far the audit trail is behind. */
  details: Record<string, string | number>;
}

type Check = () => Promise<void> | void;

const CHECK_TIMEOUT_MS = 2000;

/** Whether this process can serve: named checks that throw when they fail, and a drain switch for shutdown. */
export class Readiness {
  private readonly checks = new Map<string, Check>();
  private readonly details = new Map<string, () => string | number>();
  private draining = false;

  add(name: string, check: Check): void {
    this.checks.set(name, check);
  }

  /** A value to show beside the checks. */
  inform(name: string, value: () => string | number): void {
    this.details.set(name, value);
  }

  /** Not ready from now on: load balancers turn away before the server closes. */
  drain(): void {
    this.draining = true;
  }

  async report(): Promise<ReadinessReport> {
    const entries = await Promise.all([...this.checks].map(async ([name, check]) => [name, await run(check)] as const));
    const checks = Object.fromEntries(entries);
    if (this.draining) checks['process'] = 'draining';
    const details = Object.fromEntries([...this.details].map(([name, value]) => [name, value()]));
    return { ready: Object.values(checks).every((result) => result === 'ok'), checks, details };
  }
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
