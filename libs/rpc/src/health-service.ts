import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { Readiness } from '@oneclaw/telemetry';
import { Health, ServingStatus, type HealthRequest, type HealthResponse } from './health-protocol.js';
import type { ServiceDefinition } from './types.js';

const POLL_MS = 1000;

/** The name under which the health protocol says whether a process serves and what it does after its answers is not late. */
export const CURRENT = 'oneclaw.current';

type Watcher = ServerWritableStream<HealthRequest, HealthResponse>;

/**
 * The standard gRPC health protocol, fed from the process's readiness: "" and every proto service share one state, `CURRENT` is that
 * of a process whose effects do not lag.
 */
export class HealthService {
  private readonly statuses: Map<string, ServingStatus>;
  private readonly watchers = new Set<Watcher>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly readiness: Readiness,
    services: readonly ServiceDefinition[],
  ) {
    const names = ['', ...services.map((service) => service.fullName), CURRENT];
    this.statuses = new Map(names.map((name) => [name, ServingStatus.NOT_SERVING]));
  }

  addTo(server: Server): void {
    server.addService(Health, {
      check: (call: ServerUnaryCall<HealthRequest, HealthResponse>, respond: sendUnaryData<HealthResponse>) => {
        const found = this.statuses.get(call.request.service);
        if (found === undefined) respond({ code: status.NOT_FOUND, details: 'There is no service of this name here.' });
        else respond(null, { status: found });
      },
      watch: (call: Watcher) => {
        this.watchers.add(call);
        call.on('cancelled', () => this.watchers.delete(call));
        call.write({ status: this.statuses.get(call.request.service) ?? ServingStatus.SERVICE_UNKNOWN });
      },
    });
  }

  /** From now on the state is that of the process. Before that nothing serves. */
  start(): void {
    void this.refresh();
    this.timer = setInterval(() => void this.refresh(), POLL_MS).unref();
  }

  /** Whoever watches hears that it is over, and waits for nothing more. */
  stop(): void {
    clearInterval(this.timer);
    this.set(false, false);
    for (const watcher of this.watchers) watcher.end();
    this.watchers.clear();
  }

  private async refresh(): Promise<void> {
    const { ready, current } = await this.readiness.report();
    this.set(ready, ready && current);
  }

  private set(ready: boolean, current: boolean): void {
    for (const [name, before] of this.statuses) {
      const serves = name === CURRENT ? current : ready;
      const now = serves ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
      if (now === before) continue;
      this.statuses.set(name, now);
      for (const watcher of this.watchers) if (watcher.request.service === name) watcher.write({ status: now });
    }
  }
}
