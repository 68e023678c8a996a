import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ping } from '@oneclaw/database';
import { NatsLink, OutboxRelay } from '@oneclaw/events';
import { RpcChannel } from '@oneclaw/rpc';
import { Readiness } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { IdentityIntake } from './identity/identity-intake.js';
import { LeaseSweeper } from './quota/lease-sweeper.js';
import { HistoryKeeper } from './usage/history-keeper.js';
import { UsageIntake } from './usage/usage-intake.js';

@Injectable()
export class BackgroundWork {
  constructor(
    private readonly relay: OutboxRelay,
    private readonly usage: UsageIntake,
    private readonly identity: IdentityIntake,
    private readonly history: HistoryKeeper,
    private readonly sweeper: LeaseSweeper,
  ) {}

  start(): void {
    for (const work of this.all()) work.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.all().map((work) => work.stop()));
  }

  private all() {
    return [this.relay, this.usage, this.identity, this.history, this.sweeper];
  }
}

/** When the service is ready, and the order in which everything ends. */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly background: BackgroundWork,
    private readonly crypto: RpcChannel,
    private readonly nats: NatsLink,
    private readonly dataSource: DataSource,
    readiness: Readiness,
  ) {
    readiness.add('postgres', () => ping(dataSource));
  }

  onApplicationBootstrap(): void {
    this.background.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.background.stop();
    this.crypto.close();
    await this.nats.close();
    await this.dataSource.destroy();
  }
}
