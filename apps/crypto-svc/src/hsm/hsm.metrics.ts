import { Injectable } from '@nestjs/common';
import { Metrics } from '@oneclaw/telemetry';
import { Counter, Gauge } from 'prom-client';
import type { Pkcs11Hsm } from './pkcs11-hsm.js';
import type { PoolObserver } from './pool/worker-pool.js';

/** What operators see of the HSM. */
@Injectable()
export class HsmMetrics implements PoolObserver {
  private readonly operations: Counter<'operation' | 'result'>;

  constructor(private readonly metrics: Metrics) {
    this.operations = new Counter({
      name: 'hsm_operations_total',
      help: 'Items handed to the HSM, by operation and result: ok, unavailable, refused, key-missing.',
      labelNames: ['operation', 'result'],
      registers: [metrics.registry],
    });
  }

  jobDone(operation: string, result: string, items: number): void {
    this.operations.inc({ operation, result }, items);
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

const LEVELS = { ok: 1, degraded: 0.5, unavailable: 0 };
