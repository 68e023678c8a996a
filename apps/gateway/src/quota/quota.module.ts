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
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [metrics.registry],
      collect() {
        this.set(read());
      },
    });
  gauge('quota_orgs', 'Orgs whose quota this gateway knows.', () => leases.size);
  gauge('quota_lease_unspent_requests', 'Requests that open leases have room for.', () => leases.unspent);
  gauge('quota_waiting_requests', "Requests that wait for billing-svc's answer.", () => leases.waiting);
  gauge('quota_alone', '1 while billing-svc does not answer and requests are admitted without it.', () =>
    leases.isAlone ? 1 : 0,
  );
}
