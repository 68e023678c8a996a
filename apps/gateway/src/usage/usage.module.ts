import { Global, Module } from '@nestjs/common';
import { DirectPublisher } from '@oneclaw/events/direct';
import { NatsLink } from '@oneclaw/events/sessions';
import { LOGGER, type Logger, Metrics } from '@oneclaw/telemetry';
import { Gauge } from 'prom-client';
import { Leases } from '../quota/leases.js';
import { UsageRecorder } from './usage-recorder.js';
import { Visits } from './visits.js';

const recorder = {
  provide: UsageRecorder,
  inject: [NatsLink, LOGGER, Metrics],
  useFactory: (nats: NatsLink, logger: Logger, metrics: Metrics) => {
    const made = new UsageRecorder(new DirectPublisher({ producer: 'gateway', family: 'usage', nats, logger }));
    new Gauge({
      name: 'usage_backlog_records',
      help: 'Counted requests that the broker has not taken yet.',
      registers: [metrics.registry],
      collect() {
        this.set(made.backlog);
      },
    });
    return made;
  },
};

const visits = {
  provide: Visits,
  inject: [Leases, UsageRecorder],
  useFactory: (leases: Leases, usage: UsageRecorder) => new Visits(leases, usage),
};

@Global()
@Module({ providers: [recorder, visits], exports: [UsageRecorder, Visits] })
export class UsageModule {}
