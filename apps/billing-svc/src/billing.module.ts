import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { BillingAccountGrpc } from './account/billing-account.grpc.js';
import { BillingAccountService } from './account/billing-account.service.js';
import { Clock } from './clock.js';
import type { BillingConfig } from './config.js';
import { IdentityIntake } from './identity/identity-intake.js';
import { InfrastructureModule } from './infrastructure.module.js';
import { BackgroundWork, Lifecycle } from './lifecycle.js';
import { PlanAdminGrpc } from './plans/plan-admin.grpc.js';
import { PlanAdminService } from './plans/plan-admin.service.js';
import { PlansGrpc } from './plans/plans.grpc.js';
import { PlansRepository } from './plans/plans.repository.js';
import { PlansService } from './plans/plans.service.js';
import { LeaseSweeper } from './quota/lease-sweeper.js';
import { LeasesRepository } from './quota/leases.repository.js';
import { QuotaGrpc } from './quota/quota.grpc.js';
import { QuotaService } from './quota/quota.service.js';
import { HistoryKeeper } from './usage/history-keeper.js';
import { PeriodsRepository } from './usage/periods.repository.js';
import { UsageCounter } from './usage/usage-counter.js';
import { UsageGrpc } from './usage/usage.grpc.js';
import { UsageIntake } from './usage/usage-intake.js';
import { UsageRepository } from './usage/usage.repository.js';
import { UsageService } from './usage/usage.service.js';
import { X402AdminGrpc } from './x402/x402-admin.grpc.js';
import { X402AdminService } from './x402/x402-admin.service.js';
import { X402SettingsRepository } from './x402/x402-settings.repository.js';

const plans: Provider[] = [PlansRepository, PlansService, PlanAdminService];

const usage: Provider[] = [UsageRepository, PeriodsRepository, UsageCounter, UsageIntake, UsageService, HistoryKeeper];

const quota: Provider[] = [LeasesRepository, QuotaService, LeaseSweeper];

/** All of billing-svc. */
@Module({})
export class BillingModule {
  static with(config: BillingConfig): DynamicModule {
    return {
      module: BillingModule,
      imports: [InfrastructureModule.with(config)],
      controllers: [PlansGrpc, PlanAdminGrpc, QuotaGrpc, UsageGrpc, BillingAccountGrpc, X402AdminGrpc],
      providers: [
        Clock,
        ...plans,
        ...usage,
        ...quota,
        BillingAccountService,
        X402SettingsRepository,
        X402AdminService,
        IdentityIntake,
        BackgroundWork,
        Lifecycle,
      ],
    };
  }
}
