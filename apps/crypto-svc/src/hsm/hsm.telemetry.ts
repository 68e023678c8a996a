import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, Metrics, type Logger } from '@oneclaw/telemetry';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Pkcs11Hsm } from './pkcs11-hsm.js';
import type { PoolEvent, PoolObserver } from './pool/pool-options.js';

/** What operators see of the HSM. */
@Injectable()
export class HsmTelemetry implements PoolObserver {
  private readonly operations: Counter<'operation' | 'result'>;
  private readonly duration: Histogram<'operation'>;

  private lastLogged = '';

  constructor(
    private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.operations = new Counter({
      name: 'hsm_operations_total',
      help: 'Items handed to the HSM, by operation and result: ok, unavailable, refused, key-missing.',
      labelNames: ['operation', 'result'],
      registers: [metrics.registry],
    });
    this.duration = new Histogram({
      name: 'hsm_operation_duration_seconds',
      help: 'Time of a job from its submission to its result, the wait for a worker included. A job may hold many items.',
      labelNames: ['operation'],
      buckets: [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers: [metrics.registry],
    });
  }

  jobDone(operation: string, result: string, items: number, seconds: number): void {
    this.operations.inc({ operation, result }, items);
    this.duration.observe({ operation }, seconds);
  }

  /** A reason that comes back with each attempt to connect is logged once. */
  happened(event: PoolEvent, reason = ''): void {
    const news = `${event} ${reason}`;
    if (news === this.lastLogged) return;
    this.lastLogged = news;
    if (event === 'connected') this.logger.info('the HSM is connected');
    else this.logger.error({ event, reason, alarm: 'hsm' }, MESSAGES[event]);
  }

  watch(hsm: Pkcs11Hsm): Pkcs11Hsm {
    this.gauge('hsm_queue_jobs', 'Jobs that wait for a worker.', () => hsm.pool.queueLength);
    this.gauge('hsm_sessions', 'Sessions that work; one per worker.', () => hsm.pool.connectedWorkers);
    this.gauge(
      'hsm_up',
      '1 while the HSM is ok, 0.5 while it is degraded, 0 otherwise.',
      () => LEVELS[hsm.health().status],
    );
    return hsm;
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.metrics.registry],
      collect() {
        this.set(read());
      },
    });
  }
}

const MESSAGES = {
  lost: 'the token was lost, all sessions are renewed',
  unavailable: 'the HSM cannot be reached',
  stuck: 'a worker hangs inside the PKCS#11 module',
};

const LEVELS = { ok: 1, degraded: 0.5, unavailable: 0 };
