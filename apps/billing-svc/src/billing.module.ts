import { type DynamicModule, Module } from '@nestjs/common';
import type { BillingConfig } from './config.js';
import { InfrastructureModule } from './infrastructure.module.js';
import { Lifecycle } from './lifecycle.js';
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
      controllers: [UsageGrpc],
      providers: [UsageRepository, UsageService, Lifecycle],
    };
  }
}
