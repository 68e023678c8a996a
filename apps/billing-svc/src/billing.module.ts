import { type DynamicModule, Module } from '@nestjs/common';
import { Clock } from './clock.js';
import type { BillingConfig } from './config.js';
import { InfrastructureModule } from './infrastructure.module.js';
import { Lifecycle } from './lifecycle.js';
import { PlansGrpc } from './plans/plans.grpc.js';
import { PlansRepository } from './plans/plans.repository.js';
import { PlansService } from './plans/plans.service.js';
import { UsageGrpc } from './usage/usage.grpc.js';
import { UsageRepository } from './usage/usage.repository.js';
import { UsageService } from './usage/usage.service.js';

/** All of billing-svc. */
@Module({})
export class BillingModule {
  static with(config: BillingConfig): DynamicModule {
    return {
      module: BillingModule,
      imports: [InfrastructureModule.with(config)],
      controllers: [PlansGrpc, UsageGrpc],
      providers: [Clock, PlansRepository, PlansService, UsageRepository, UsageService, Lifecycle],
    };
  }
}
