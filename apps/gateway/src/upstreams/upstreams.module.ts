import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { RpcChannel, transportSecurity } from '@oneclaw/rpc';
import { Metrics } from '@oneclaw/telemetry';
import type { GatewayConfig } from '../config.js';
import { AuditClients } from './audit-clients.js';
import { AuthClients } from './auth-clients.js';
import { BillingClients } from './billing-clients.js';
import { VaultClients } from './vault-clients.js';

const CHANNELS = Symbol('channels');

/** One channel to each of the four services; never one to crypto-svc. */
@Global()
@Module({})
export class UpstreamsModule implements OnApplicationShutdown {
  static with(config: GatewayConfig): DynamicModule {
    const providers = [
      { provide: CHANNELS, inject: [Metrics], useFactory: (metrics: Metrics) => openChannels(config, metrics) },
      { provide: AuthClients, inject: [CHANNELS], useFactory: ({ auth }: Channels) => new AuthClients(auth) },
      { provide: VaultClients, inject: [CHANNELS], useFactory: ({ vault }: Channels) => new VaultClients(vault) },
      {
        provide: BillingClients,
        inject: [CHANNELS],
        useFactory: ({ billing }: Channels) => new BillingClients(billing),
      },
      { provide: AuditClients, inject: [CHANNELS], useFactory: ({ audit }: Channels) => new AuditClients(audit) },
    ];
    return { module: UpstreamsModule, providers, exports: [AuthClients, VaultClients, BillingClients, AuditClients] };
  }

  constructor(@Inject(CHANNELS) private readonly channels: Channels) {}

  /** After the HTTP server has answered everything. */
  onApplicationShutdown(): void {
    for (const channel of Object.values(this.channels)) channel.close();
  }
}

type Channels = ReturnType<typeof openChannels>;

function openChannels(config: GatewayConfig, metrics: Metrics) {
  const security = transportSecurity(config);
  const open = (target: string, url: string) => new RpcChannel({ self: 'gateway', target, url, security, metrics });
  return {
    auth: open('auth-svc', config.AUTH_SVC_URL),
    vault: open('vault-svc', config.VAULT_SVC_URL),
    billing: open('billing-svc', config.BILLING_SVC_URL),
    audit: open('audit-svc', config.AUDIT_SVC_URL),
  };
}
