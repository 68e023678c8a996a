import type { Metrics } from '@oneclaw/telemetry';
import { Gauge, Histogram } from 'prom-client';
import type { RightOfWay } from './right-of-way.js';

export type RequestDuration = Histogram<'operation' | 'status'>;

export function requestMetrics({ registry }: Metrics): RequestDuration {
  return new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the receipt of a request to its answer, by operation and status.',
    labelNames: ['operation', 'status'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  });
}

export function waitingMetric({ registry }: Metrics, rightOfWay: RightOfWay): void {
  new Gauge({
    name: 'http_requests_giving_way',
    help: 'Requests that wait because known callers go first.',
    registers: [registry],
    collect() {
      this.set(rightOfWay.size);
    },
  });
}
