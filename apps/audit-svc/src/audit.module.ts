import { type DynamicModule, Module } from '@nestjs/common';
import { ChainAccess } from './chain/chain-access.js';
import { ChainVerificationService } from './chain/chain-verification.service.js';
import { ChainGrpc } from './chain/chain.grpc.js';
import { ChainRepository } from './chain/chain.repository.js';
import { ChainService } from './chain/chain.service.js';
import { ChainVerifier } from './chain/verify-chain.js';
import { CheckpointKeysGrpc } from './checkpoints/checkpoint-keys.grpc.js';
import { CheckpointMetrics } from './checkpoints/checkpoint-metrics.js';
import { CheckpointRounds } from './checkpoints/checkpoint-rounds.js';
import { CheckpointsRepository } from './checkpoints/checkpoints.repository.js';
import { CheckpointsService } from './checkpoints/checkpoints.service.js';
import type { AuditConfig } from './config.js';
import { EventsGrpc } from './events/events.grpc.js';
import { EventsRepository } from './events/events.repository.js';
import { EventsService } from './events/events.service.js';
import { ExportService } from './export/export.service.js';
import { InfrastructureModule } from './infrastructure.module.js';
import { Intake } from './intake/intake.js';
import { TrailLag } from './intake/trail-lag.js';
import { Lifecycle } from './lifecycle.js';

const chain = [ChainRepository, ChainService, ChainAccess, ChainVerifier, ChainVerificationService];
const checkpoints = [CheckpointsRepository, CheckpointMetrics, CheckpointsService, CheckpointRounds];

/** All of audit-svc. */
@Module({})
export class AuditModule {
  static with(config: AuditConfig): DynamicModule {
    return {
      module: AuditModule,
      imports: [InfrastructureModule.with(config)],
      controllers: [EventsGrpc, ChainGrpc, CheckpointKeysGrpc],
      providers: [
        ...chain,
        ...checkpoints,
        TrailLag,
        Intake,
        EventsRepository,
        EventsService,
        ExportService,
        Lifecycle,
      ],
    };
  }
}
