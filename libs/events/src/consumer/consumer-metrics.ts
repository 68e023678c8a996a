import type { Metrics } from '@oneclaw/telemetry';
import { Counter, Gauge, type Metric, type Registry } from 'prom-client';
import type { Family } from '../families.js';
import type { Progress } from './consumed.repository.js';
import type { Inbound } from './inbound.js';

/** `consumer_dead_letters_total` and a `consumer_missing_events` that stays above zero are alarms. */
export class ConsumerMetrics {
  backlog = 0;
  private readonly events: Counter | undefined;
  private readonly deadLetters: Counter | undefined;
  private readonly missing: Gauge | undefined;
  private readonly waiting: Gauge | undefined;

  constructor(
    metrics: Metrics | undefined,
    private readonly family: Family,
  ) {
    if (!metrics) return;
    const registers = [metrics.registry];
    const labelNames = ['family'];
    const { registry } = metrics;
    this.events = shared(registry, 'consumer_events_total', (name) => {
      return new Counter({ name, help: 'Events handled.', labelNames, registers });
    });
    this.deadLetters = shared(registry, 'consumer_dead_letters_total', (name) => {
      const help = 'Events that could not be handled and were set aside.';
      return new Counter({ name, help, labelNames, registers });
    });
    this.missing = shared(registry, 'consumer_missing_events', (name) => {
      const help = 'Events that a producer has numbered and that are not here, though later ones are.';
      return new Gauge({ name, help, labelNames: ['family', 'producer'], registers });
    });
    this.waiting = shared(registry, 'consumer_backlog_messages', (name) => {
      const help = 'Messages in the stream that wait for this service, as of the last one received.';
      return new Gauge({ name, help, labelNames, registers });
    });
    // There from the start: Prometheus sees no increase in a series that is born with it.
    this.events.inc({ family }, 0);
    this.deadLetters.inc({ family }, 0);
  }

  settled({ events, deadLetters }: Inbound<unknown>, progress: readonly Progress[], pending: number): void {
    const { family } = this;
    this.backlog = pending;
    this.waiting?.set({ family }, pending);
    this.events?.inc({ family }, events.length);
    this.deadLetters?.inc({ family }, deadLetters.length);
    for (const { producer, missing } of progress) {
      this.missing?.set(
        { family, producer },
        missing.reduce((sum, { first, last }) => sum + last - first + 1, 0),
      );
    }
  }
}

/** A service that consumes two families has each metric once. */
function shared<M extends Metric>(registry: Registry, name: string, make: (name: string) => M): M {
  return (registry.getSingleMetric(name) as M | undefined) ?? make(name);
}
