import type { Provider } from '@nestjs/common';
import { CallerVerifier, PrincipalFactsVerifier, PrincipalVerifier, VerificationKeys } from '@oneclaw/caller';
import { databaseProvider } from '@oneclaw/database';
import { natsLinkProvider, outboxRelayProvider } from '@oneclaw/events';
import { OrgPlans, transportSecurity, verificationKeysFrom } from '@oneclaw/rpc';
import { Metrics } from '@oneclaw/telemetry';
import { CONFIG, type VaultConfig } from './config.js';
import { CryptoChannel } from './crypto/crypto-channel.js';
import { BillingChannel } from './plans/billing-channel.js';

const NAME = 'vault-svc';

/** What the service holds open towards others. */
export const connections: Provider[] = [
  databaseProvider(NAME, CONFIG),
  natsLinkProvider(NAME, CONFIG),
  outboxRelayProvider(NAME),
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
