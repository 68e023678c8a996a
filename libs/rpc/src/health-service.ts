import type { Server } from '@grpc/grpc-js';
import type { Readiness } from '@oneclaw/telemetry';
import { HealthImplementation } from 'grpc-health-check';
import type { ServiceDefinition } from './types.js';

const POLL_MS = 1000;

/** The name under which the health protocol says whether a process serves and what it does after its answers is not late. */
export const CURRENT = 'oneclaw.current';

/**
 * The standard gRPC health protocol, fed from the process's readiness: "" and every proto service share one state, `CURRENT` is that
 * of a process whose effects do not lag.
 */
export class HealthService {
  private readonly implementation: HealthImplementation;
  private readonly names: string[];
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly readiness: Readiness,
    services: readonly ServiceDefinition[],
  ) {
    this.names = ['', ...services.map((service) => service.fullName)];
    this.implementation = new HealthImplementation(
      Object.fromEntries([...this.names, CURRENT].map((name) => [name, 'NOT_SERVING' as const])),
    );
    this.timer = setInterval(() => void this.refresh(), POLL_MS);
    this.timer.unref();
  }

  addTo(server: Server): void {
    this.implementation.addToServer(server);
    void this.refresh();
  }

  stop(): void {
    clearInterval(this.timer);
    this.set(false, false);
  }

  private async refresh(): Promise<void> {
    const { ready, current } = await this.readiness.report();
    this.set(ready, ready && current);
  }

  private set(ready: boolean, current: boolean): void {
    for (const name of this.names) this.implementation.setStatus(name, stateOf(ready));
    this.implementation.setStatus(CURRENT, stateOf(current));
  }
}

function stateOf(serves: boolean): 'SERVING' | 'NOT_SERVING' {
  return serves ? 'SERVING' : 'NOT_SERVING';
}
