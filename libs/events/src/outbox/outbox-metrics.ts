import type { Metrics } from '@oneclaw/telemetry';
import { Counter, Gauge } from 'prom-client';
import { FAMILIES, type Family } from '../families.js';
import type { PublishOutcome } from './publisher.js';

/** A Postgres that hangs must not make Prometheus give up on the whole scrape, whose timeout is ten seconds unless told. */
const LONGEST_MS = 2000;

/** Nothing where there is no registry, as in tests. */
export class OutboxMetrics {
  private readonly batches: Counter | undefined;
  private readonly lost: Counter | undefined;

  constructor(metrics: Metrics | undefined, lagSeconds: (family: Family) => Promise<number>) {
    if (!metrics) return;
    const registers = [metrics.registry];
    this.batches = new Counter({
      name: 'outbox_batches_total',
      help: 'Batches of events offered to NATS, by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    // There from the start: Prometheus sees no increase in a series that is born with it.
    this.published({ published: [], failed: [] });
    this.lost = new Counter({
      name: 'outbox_lost_batches_total',
      help: 'Batches that NATS had taken and lost, and that were sent again.',
      registers,
    });
    new Gauge({
      name: 'outbox_lag_seconds',
      help: 'Age of the oldest event that its consumers have not confirmed, by family; NaN while Postgres does not answer.',
      labelNames: ['family'],
      registers,
      async collect() {
        const lags = await Promise.all(FAMILIES.map((family) => withinTime(lagSeconds(family))));
        FAMILIES.forEach((family, index) => this.set({ family }, lags[index]!));
      },
    });
  }

  published({ published, failed }: PublishOutcome): void {
    this.batches?.inc({ outcome: 'published' }, published.length);
    this.batches?.inc({ outcome: 'failed' }, failed.length);
  }

  resending(batches: number): void {
    this.lost?.inc(batches);
  }
}

/** NaN where it fails or is not known in time. */
async function withinTime(lag: Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(() => resolve(NaN), LONGEST_MS);
  });
  const seconds = await Promise.race([lag.catch(() => NaN), late]);
  clearTimeout(timer);
  return seconds;
}
