import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { RpcChannel, transportSecurity } from '@oneclaw/rpc';
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
    const channels = openChannels(config);
    const providers = [
      { provide: CHANNELS, useValue: Object.values(channels) },
      { provide: AuthClients, useValue: new AuthClients(channels.auth) },
      { provide: VaultClients, useValue: new VaultClients(channels.vault) },
      { provide: BillingClients, useValue: new BillingClients(channels.billing) },
      { provide: AuditClients, useValue: new AuditClients(channels.audit) },
    ];
    return { module: UpstreamsModule, providers, exports: [AuthClients, VaultClients, BillingClients, AuditClients] };
  }

  constructor(@Inject(CHANNELS) private readonly channels: readonly RpcChannel[]) {}

  /** After the HTTP server has answered everything. */
  onApplicationShutdown(): void {
    for (const channel of this.channels) channel.close();
  }
}

function openChannels(config: GatewayConfig) {
  const security = transportSecurity(config);
  const open = (target: string, url: string) => new RpcChannel({ self: 'gateway', target, url, security });
  return {
    auth: open('auth-svc', config.AUTH_SVC_URL),
    vault: open('vault-svc', config.VAULT_SVC_URL),
    billing: open('billing-svc', config.BILLING_SVC_URL),
    audit: open('audit-svc', config.AUDIT_SVC_URL),
  };
}
