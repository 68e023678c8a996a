import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CallerVerifier, VerificationKeys } from '@oneclaw/caller';
import { createDataSource } from '@oneclaw/database';
import { NatsLink, OutboxRelay } from '@oneclaw/events';
import { OrgPlans, transportSecurity, verificationKeysFrom } from '@oneclaw/rpc';
import { LOGGER, type Logger, Metrics, Readiness } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { CONFIG, type AuthConfig } from './config.js';
import { BillingChannel, CryptoChannel, VaultChannel } from './rpc/channels.js';
import { SessionTokens } from './tokens/session-tokens.js';

const SELF = 'auth-svc';

const providers = [
  {
    provide: DataSource,
    inject: [CONFIG, LOGGER, Metrics],
    useFactory: (config: AuthConfig, logger: Logger, metrics: Metrics) =>
      createDataSource({
        url: config.DATABASE_URL_FILE,
        applicationName: SELF,
        poolSize: config.DATABASE_POOL_SIZE,
        logger,
        metrics,
      }),
  },
  {
    provide: NatsLink,
    inject: [CONFIG, LOGGER, Metrics],
    useFactory: (config: AuthConfig, logger: Logger, metrics: Metrics) =>
      new NatsLink({ url: config.NATS_URL_FILE, name: SELF, logger, metrics }),
  },
  {
    provide: OutboxRelay,
    inject: [DataSource, NatsLink, LOGGER, Metrics, Readiness],
    useFactory: (dataSource: DataSource, nats: NatsLink, logger: Logger, metrics: Metrics, readiness: Readiness) =>
      new OutboxRelay({ producer: SELF, dataSource, nats, logger, metrics, readiness }),
  },
  {
    provide: CryptoChannel,
    inject: [CONFIG, Metrics],
    useFactory: (config: AuthConfig, metrics: Metrics) =>
      new CryptoChannel({
        self: SELF,
        target: 'crypto-svc',
        url: config.CRYPTO_SVC_URL,
        security: transportSecurity(config),
        metrics,
      }),
  },
  {
    provide: VaultChannel,
    inject: [CONFIG, Metrics],
    useFactory: (config: AuthConfig, metrics: Metrics) =>
      new VaultChannel({
        self: SELF,
        target: 'vault-svc',
        url: config.VAULT_SVC_URL,
        security: transportSecurity(config),
        metrics,
      }),
  },
  {
    provide: BillingChannel,
    inject: [CONFIG, Metrics],
    useFactory: (config: AuthConfig, metrics: Metrics) =>
      new BillingChannel({
        self: SELF,
        target: 'billing-svc',
        url: config.BILLING_SVC_URL,
        security: transportSecurity(config),
        metrics,
        // What is known of a plan serves while billing-svc is away; nobody waits long for news.
        timeoutMs: 2000,
      }),
  },
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
