import { type DynamicModule, Module } from '@nestjs/common';
import { ChainRepository } from './chain/chain.repository.js';
import { ChainService } from './chain/chain.service.js';
import type { AuditConfig } from './config.js';
import { EventsGrpc } from './events/events.grpc.js';
import { EventsRepository } from './events/events.repository.js';
import { EventsService } from './events/events.service.js';
import { InfrastructureModule } from './infrastructure.module.js';
import { Intake } from './intake/intake.js';
import { TrailLag } from './intake/trail-lag.js';
import { Lifecycle } from './lifecycle.js';

/** All of audit-svc. */
@Module({})
export class AuditModule {
  static with(config: AuditConfig): DynamicModule {
    return {
      module: AuditModule,
      imports: [InfrastructureModule.with(config)],
      controllers: [EventsGrpc],
      providers: [ChainRepository, ChainService, TrailLag, Intake, EventsRepository, EventsService, Lifecycle],
    };
  }
}
