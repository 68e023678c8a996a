import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ping } from '@oneclaw/database';
import { NatsLink } from '@oneclaw/events';
import { RpcChannel } from '@oneclaw/rpc';
import { Readiness } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { CheckpointRounds } from './checkpoints/checkpoint-rounds.js';
import { Intake } from './intake/intake.js';

/** What runs in the background, and the order in which everything ends. */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly intake: Intake,
    private readonly rounds: CheckpointRounds,
    private readonly nats: NatsLink,
    private readonly crypto: RpcChannel,
    private readonly dataSource: DataSource,
    readiness: Readiness,
  ) {
    readiness.add('postgres', () => ping(dataSource));
  }

  onApplicationBootstrap(): void {
    this.intake.start();
    this.rounds.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.intake.stop(), this.rounds.stop()]);
    await this.nats.close();
    this.crypto.close();
    await this.dataSource.destroy();
  }
}
