import type { Metrics } from '@oneclaw/telemetry';
import { Histogram } from 'prom-client';

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
