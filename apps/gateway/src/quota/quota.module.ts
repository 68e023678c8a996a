import { type DynamicModule, Global, Module } from '@nestjs/common';
import { LOGGER, type Logger, Metrics } from '@oneclaw/telemetry';
import { Gauge } from 'prom-client';
import type { GatewayConfig } from '../config.js';
import { BillingClients } from '../upstreams/billing-clients.js';
import { UsageRecorder } from '../usage/usage-recorder.js';
import { Leases } from './leases.js';

/** Which requests count within the quotas of their orgs. */
@Global()
@Module({})
export class QuotaModule {
  static with(config: GatewayConfig): DynamicModule {
    const leases = {
      provide: Leases,
      inject: [BillingClients, UsageRecorder, LOGGER, Metrics],
      useFactory: (clients: BillingClients, usage: UsageRecorder, logger: Logger, metrics: Metrics) => {
        const made = new Leases({
          client: clients.quota,
          logger,
          hasUnreported: () => usage.backlog > 0,
          graceMs: config.QUOTA_GRACE,
          graceRequests: config.QUOTA_GRACE_REQUESTS,
        });
        observe(made, metrics);
        return made;
      },
    };
    return { module: QuotaModule, providers: [leases], exports: [leases] };
  }
}

function observe(leases: Leases, metrics: Metrics): void {
  const registers = [metrics.registry];
  new Gauge({
    name: 'quota_orgs',
    help: 'Orgs whose quota this gateway knows.',
    registers,
    collect() {
      this.set(leases.size);
    },
  });
  new Gauge({
    name: 'quota_alone',
    help: '1 while billing-svc does not answer and requests are admitted without it.',
    registers,
    collect() {
      this.set(leases.isAlone ? 1 : 0);
    },
  });
}
