import type { Provider } from '@nestjs/common';
import { CallerVerifier, PrincipalFactsVerifier, PrincipalVerifier, VerificationKeys } from '@oneclaw/caller';
import { createDataSource } from '@oneclaw/database';
import { NatsLink, OutboxRelay } from '@oneclaw/events';
import { OrgPlans, transportSecurity, verificationKeysFrom } from '@oneclaw/rpc';
import { LOGGER, Metrics, Readiness, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { CONFIG, type VaultConfig } from './config.js';
import { CryptoChannel } from './crypto/crypto-channel.js';
import { BillingChannel } from './plans/billing-channel.js';

const NAME = 'vault-svc';

/** What the service holds open towards others. */
export const connections: Provider[] = [
  {
    provide: DataSource,
    inject: [CONFIG, LOGGER, Metrics],
    useFactory: (config: VaultConfig, logger: Logger, metrics: Metrics) =>
      createDataSource({
        url: config.DATABASE_URL_FILE,
        applicationName: NAME,
        poolSize: config.DATABASE_POOL_SIZE,
        logger,
        metrics,
      }),
  },
  {
    provide: CryptoChannel,
    inject: [CONFIG, Metrics],
    useFactory: (config: VaultConfig, metrics: Metrics) =>
      new CryptoChannel({ url: config.CRYPTO_SVC_URL, security: transportSecurity(config), metrics }),
  },
  {
    provide: BillingChannel,
    inject: [CONFIG, Metrics],
    useFactory: (config: VaultConfig, metrics: Metrics) =>
      new BillingChannel({ url: config.BILLING_SVC_URL, security: transportSecurity(config), metrics }),
  },
  { provide: OrgPlans, inject: [BillingChannel], useFactory: (billing: BillingChannel) => OrgPlans.over(billing) },
  {
    provide: NatsLink,
    inject: [CONFIG, LOGGER, Metrics],
    useFactory: (config: VaultConfig, logger: Logger, metrics: Metrics) =>
      new NatsLink({ url: config.NATS_URL_FILE, name: NAME, logger, metrics }),
  },
  {
    provide: OutboxRelay,
    inject: [DataSource, NatsLink, LOGGER, Metrics, Readiness],
    useFactory: (dataSource: DataSource, nats: NatsLink, logger: Logger, metrics: Metrics, readiness: Readiness) =>
      new OutboxRelay({ producer: NAME, dataSource, nats, logger, metrics, readiness }),
  },
  { provide: VerificationKeys, inject: [CryptoChannel], useFactory: verificationKeysFrom },
  {
    provide: CallerVerifier,
    inject: [VerificationKeys],
    useFactory: (keys: VerificationKeys) => new CallerVerifier(keys),
  },
  {
    provide: PrincipalVerifier,
    inject: [VerificationKeys],
    useFactory: (keys: VerificationKeys) => new PrincipalVerifier(keys),
  },
  {
    provide: PrincipalFactsVerifier,
    inject: [VerificationKeys],
    useFactory: (keys: VerificationKeys) => new PrincipalFactsVerifier(keys),
  },
];
