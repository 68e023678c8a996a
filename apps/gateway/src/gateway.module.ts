import { type DynamicModule, Module } from '@nestjs/common';
import { AdminOrgsController } from './admin/orgs.controller.js';
import { AdminSettingsController } from './admin/settings.controller.js';
import { AdminUsersController } from './admin/users.controller.js';
import { AdminX402Controller } from './admin/x402.controller.js';
import { AgentsController } from './agents/agents.controller.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { AuditChainController } from './audit/audit-chain.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { ChainReader } from './audit/chain-reader.js';
import { AccountsController } from './auth/accounts.controller.js';
import { AgentTokens } from './auth/agent-tokens.js';
import { DeviceController } from './auth/device.controller.js';
import { ProfileController } from './auth/profile.controller.js';
import { SigningKeysController } from './auth/signing-keys.controller.js';
import { TokensController } from './auth/tokens.controller.js';
import { VerificationController } from './auth/verification.controller.js';
import { BillingController } from './billing/billing.controller.js';
import { CONFIG, type GatewayConfig } from './config.js';
import { AdminChainsController } from './chains/admin-chains.controller.js';
import { ChainsController } from './chains/chains.controller.js';
import { PublicChains } from './chains/public-chains.js';
import { CmekController } from './cmek/cmek.controller.js';
import { DocsController } from './docs/docs.controller.js';
import { HealthController } from './health/health.controller.js';
import { HealthService } from './health/health.service.js';
import { KekRotationsController } from './kek-rotations/kek-rotations.controller.js';
import { MfaController } from './mfa/mfa.controller.js';
import { OrgController } from './org/org.controller.js';
import { IpRulesController } from './security/ip-rules.controller.js';
import { NotYetController } from './not-yet/not-yet.controller.js';
import { PagesController } from './pages/pages.controller.js';
import { PlatformModule } from './platform/platform.module.js';
import { PoliciesController } from './policies/policies.controller.js';
import { QuotaModule } from './quota/quota.module.js';
import { SecretBatches } from './secrets/secret-batches.js';
import { SecretsController } from './secrets/secrets.controller.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { ShareVisitors } from './shares/share-visitors.js';
import { SharesController } from './shares/shares.controller.js';
import { UpstreamsModule } from './upstreams/upstreams.module.js';
import { UsageModule } from './usage/usage.module.js';
import { VaultsController } from './vaults/vaults.controller.js';

/** All of the gateway but its HTTP server and the pipeline, which app.ts puts around it. */
@Module({
  imports: [UsageModule, PlatformModule],
  controllers: [
    AccountsController,
    ProfileController,
    VerificationController,
    DeviceController,
    TokensController,
    ApiKeysController,
    MfaController,
    OrgController,
    IpRulesController,
    AdminSettingsController,
    AdminUsersController,
    AdminOrgsController,
    AdminX402Controller,
    ChainsController,
    AdminChainsController,
    SigningKeysController,
    VaultsController,
    KekRotationsController,
    CmekController,
    SecretsController,
    PoliciesController,
    SharesController,
    AgentsController,
    BillingController,
    AuditController,
    NotYetController,
    AuditChainController,
    HealthController,
    DocsController,
    PagesController,
  ],
  providers: [AgentTokens, ChainReader, PublicChains, SecretBatches, ShareVisitors, HealthService],
})
export class GatewayModule {
  static with(config: GatewayConfig): DynamicModule {
    return {
      module: GatewayModule,
      imports: [UpstreamsModule.with(config), SessionsModule.with(config), QuotaModule.with(config)],
      providers: [{ provide: CONFIG, useValue: config }],
    };
  }
}
