import { Injectable } from '@nestjs/common';
import { Metrics } from '@oneclaw/telemetry';
import { Gauge, Histogram } from 'prom-client';
import type { IncomingEvent } from '../chain/chained-event.js';

/** A measurement says little after this long without a newer one. */
const RECENT_MS = 15_000;

/** How far the trail is behind what happens: the time from an event to its place in the chain. */
@Injectable()
export class TrailLag {
  private readonly delay: Histogram;
  private last = 0;
  private measuredAt = 0;
  private backlog = () => 0;

  constructor(metrics: Metrics) {
    const registers = [metrics.registry];
    this.delay = new Histogram({
      name: 'audit_event_delay_seconds',
      help: 'Time from an event to its place in the chain, of the oldest event of each batch.',
      buckets: [0.1, 0.3, 1, 3, 10, 60, 600],
      registers,
    });
    const seconds = () => this.seconds();
    new Gauge({
      name: 'audit_trail_lag_seconds',
      help: 'How far the trail is behind, as far as this service has heard of events. See also outbox_lag_seconds of the producers.',
      registers,
      collect() {
        this.set(seconds());
      },
    });
  }

  /** What waits in the stream. */
  watch(backlog: () => number): void {
    this.backlog = backlog;
  }

  handled(events: readonly IncomingEvent[]): void {
    const oldest = events.reduce((least, event) => Math.min(least, event.createdAtMicros), Infinity);
    this.measuredAt = Date.now();
    this.last = Math.max(0, this.measuredAt - oldest / 1000) / 1000;
    this.delay.observe(this.last);
  }

  /** 0 when nothing came for a while and nothing waits. */
  seconds(): number {
    const sinceMs = Date.now() - this.measuredAt;
    if (this.backlog() === 0) return sinceMs < RECENT_MS ? this.last : 0;
    return this.last + sinceMs / 1000;
  }
}
