import { Global, Module } from '@nestjs/common';
import { LOGGER, type Logger, Metrics } from '@oneclaw/telemetry';
import { Gauge } from 'prom-client';
import { BillingClients } from '../upstreams/billing-clients.js';
import { UsageReporter } from './usage-reporter.js';

const reporter = {
  provide: UsageReporter,
  inject: [BillingClients, LOGGER, Metrics],
  useFactory: (clients: BillingClients, logger: Logger, metrics: Metrics) => {
    const made = new UsageReporter(clients.usage, logger);
    new Gauge({
      name: 'usage_backlog_records',
      help: 'Usage records that billing-svc has not accepted yet.',
      registers: [metrics.registry],
      collect() {
        this.set(made.backlog);
      },
    });
    return made;
  },
};

@Global()
@Module({ providers: [reporter], exports: [UsageReporter] })
export class UsageModule {}
