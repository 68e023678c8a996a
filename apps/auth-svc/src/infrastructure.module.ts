import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CallerVerifier, VerificationKeys } from '@oneclaw/caller';
import { databaseProvider } from '@oneclaw/database';
import { natsLinkProvider, outboxRelayProvider } from '@oneclaw/events';
import { OrgPlans, channelProvider, verificationKeysFrom } from '@oneclaw/rpc';
import { CONFIG, type AuthConfig } from './config.js';
import { BillingChannel, CryptoChannel, VaultChannel } from './rpc/channels.js';
import { SessionTokens } from './tokens/session-tokens.js';

const SELF = 'auth-svc';

const providers = [
  databaseProvider(SELF, CONFIG),
  natsLinkProvider(SELF, CONFIG),
  outboxRelayProvider(SELF),
  channelProvider(CryptoChannel, CONFIG, 'CRYPTO_SVC_URL', { self: SELF, target: 'crypto-svc' }),
  channelProvider(VaultChannel, CONFIG, 'VAULT_SVC_URL', { self: SELF, target: 'vault-svc' }),
  // What is known of a plan serves while billing-svc is away; nobody waits long for news.
  channelProvider(BillingChannel, CONFIG, 'BILLING_SVC_URL', { self: SELF, target: 'billing-svc', timeoutMs: 2000 }),
  { provide: OrgPlans, inject: [BillingChannel], useFactory: (billing: BillingChannel) => OrgPlans.over(billing) },
  { provide: VerificationKeys, inject: [CryptoChannel], useFactory: verificationKeysFrom },
  {
    provide: CallerVerifier,
    inject: [VerificationKeys],
    useFactory: (keys: VerificationKeys) => new CallerVerifier(keys),
  },
  {
    provide: SessionTokens,
    inject: [VerificationKeys, CONFIG],
    useFactory: (keys: VerificationKeys, config: AuthConfig) =>
      new SessionTokens(keys, { issuer: config.TOKEN_ISSUER, audience: config.TOKEN_AUDIENCE }),
  },
];

/** What the service stands on: database, broker, channels to other services, keys that verify. */
@Global()
@Module({})
export class InfrastructureModule {
  static with(config: AuthConfig): DynamicModule {
    const all = [{ provide: CONFIG, useValue: config }, ...providers];
    return { module: InfrastructureModule, providers: all, exports: all };
  }
}
