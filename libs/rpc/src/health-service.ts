import type { Server } from '@grpc/grpc-js';
import type { Readiness } from '@oneclaw/telemetry';
import { HealthImplementation } from 'grpc-health-check';
import type { ServiceDefinition } from './types.js';

const POLL_MS = 1000;

/** The standard gRPC health protocol, fed from the process's readiness: "" and every proto service share one state. */
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
      Object.fromEntries(this.names.map((name) => [name, 'NOT_SERVING' as const])),
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
    this.set('NOT_SERVING');
  }

  private async refresh(): Promise<void> {
    const { ready } = await this.readiness.report();
    this.set(ready ? 'SERVING' : 'NOT_SERVING');
  }

  private set(state: 'SERVING' | 'NOT_SERVING'): void {
    for (const name of this.names) this.implementation.setStatus(name, state);
  }
}
