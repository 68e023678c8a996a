import type { Metrics } from '@oneclaw/telemetry';
import { Counter, Gauge } from 'prom-client';
import type { Family } from '../families.js';
import type { Progress } from './consumed.repository.js';
import type { Inbound } from './inbound.js';

/** `consumer_dead_letters_total` and a `consumer_missing_events` that stays above zero are alarms. */
export class ConsumerMetrics {
  backlog = 0;
  private readonly events: Counter | undefined;
  private readonly deadLetters: Counter | undefined;
  private readonly missing: Gauge | undefined;

  constructor(
    metrics: Metrics | undefined,
    private readonly family: Family,
  ) {
    if (!metrics) return;
    const registers = [metrics.registry];
    const labelNames = ['family'];
    this.events = new Counter({ name: 'consumer_events_total', help: 'Events handled.', labelNames, registers });
    this.deadLetters = new Counter({
      name: 'consumer_dead_letters_total',
      help: 'Events that could not be handled and were set aside.',
      labelNames,
      registers,
    });
    this.missing = new Gauge({
      name: 'consumer_missing_events',
      help: 'Events that a producer has numbered and that are not here, though later ones are.',
      labelNames: ['family', 'producer'],
      registers,
    });
    const backlog = () => this.backlog;
    new Gauge({
      name: 'consumer_backlog_messages',
      help: 'Messages in the stream that wait for this service.',
      labelNames,
      registers,
      collect() {
        this.set({ family }, backlog());
      },
    });
  }

  settled({ events, deadLetters }: Inbound<unknown>, progress: readonly Progress[], pending: number): void {
    const { family } = this;
    this.backlog = pending;
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
