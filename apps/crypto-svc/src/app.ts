import {
  AgentKeyServiceDefinition,
  CheckpointServiceDefinition,
  CmekServiceDefinition,
  EnvelopeServiceDefinition,
  HsmStatusServiceDefinition,
  MacServiceDefinition,
  PublicKeyServiceDefinition,
  TokenSigningServiceDefinition,
  TotpServiceDefinition,
} from '@oneclaw/contracts/crypto';
import { createService, type Service } from '@oneclaw/rpc';
import { AppModule } from './app.module.js';
import type { CryptoConfig } from './config.js';

/** Starts also while the HSM is away: then it is up, not ready, and says why. */
export function createApp(config: CryptoConfig): Promise<Service> {
  return createService({
    name: 'crypto-svc',
    config,
    module: AppModule.with(config),
    services: [
      EnvelopeServiceDefinition,
      AgentKeyServiceDefinition,
      TokenSigningServiceDefinition,
      MacServiceDefinition,
      TotpServiceDefinition,
      CmekServiceDefinition,
      CheckpointServiceDefinition,
      PublicKeyServiceDefinition,
      HsmStatusServiceDefinition,
    ],
    // Callers are services, known by their certificates; whom they act for is not this service's business.
    verifiesCallers: false,
  });
}
