import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CallerVerifier } from '@oneclaw/caller';
import { databaseProvider } from '@oneclaw/database';
import { natsLinkProvider, outboxRelayProvider } from '@oneclaw/events';
import { RpcChannel, channelProvider, verificationKeysFrom } from '@oneclaw/rpc';
import { CONFIG, type BillingConfig } from './config.js';

const SELF = 'billing-svc';

const providers = [
  databaseProvider(SELF, CONFIG),
  natsLinkProvider(SELF, CONFIG),
  outboxRelayProvider(SELF),
  channelProvider(RpcChannel, CONFIG, 'CRYPTO_SVC_URL', { self: SELF, target: 'crypto-svc' }),
  {
    provide: CallerVerifier,
    inject: [RpcChannel],
    useFactory: (crypto: RpcChannel) => new CallerVerifier(verificationKeysFrom(crypto)),
  },
];

/** What the service stands on: its database, the broker, and the keys that verify callers. */
@Global()
@Module({})
export class InfrastructureModule {
  static with(config: BillingConfig): DynamicModule {
    const all = [{ provide: CONFIG, useValue: config }, ...providers];
    return { module: InfrastructureModule, providers: all, exports: all };
  }
}
