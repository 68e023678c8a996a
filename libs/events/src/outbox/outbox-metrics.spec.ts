import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Metrics } from '@oneclaw/telemetry';
import { OutboxMetrics } from './outbox-metrics.js';

afterEach(() => {
  jest.useRealTimers();
});

describe('the metrics of an outbox', () => {
  it('are there while Postgres hangs, with a lag that is not a number', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const metrics = new Metrics('vault-svc');
    new OutboxMetrics(metrics, () => new Promise(() => undefined));
    const text = metrics.registry.getSingleMetricAsString('outbox_lag_seconds');
    await jest.advanceTimersByTimeAsync(2000);
    expect(await text).toContain('outbox_lag_seconds{family="audit",service="vault-svc"} Nan');
  });

  it('begin at 0, so that the first event is an increase', async () => {
    const metrics = new Metrics('vault-svc');
    new OutboxMetrics(metrics, async () => 0);
    const text = await metrics.registry.getSingleMetricAsString('outbox_batches_total');
    expect(text).toContain('outbox_batches_total{outcome="failed",service="vault-svc"} 0');
  });
});
