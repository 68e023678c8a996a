import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ping } from '@oneclaw/database';
import { NatsLink, OutboxRelay } from '@oneclaw/events';
import { Readiness } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { EnrollmentWorker } from './enrollment/enrollment-worker.js';
import { MailIntake } from './mail/mail-intake.js';
import { MailSender } from './mail/mail-sender.js';
import { HoldReleaser } from './org-moves/hold-releaser.js';
import { BillingChannel, CryptoChannel, VaultChannel } from './rpc/channels.js';
import { InvalidationBeat } from './sessions/invalidation-beat.js';
import { Pruner } from './sessions/pruner.js';

@Injectable()
export class BackgroundWork {
  constructor(
    private readonly beat: InvalidationBeat,
    private readonly pruner: Pruner,
    private readonly relay: OutboxRelay,
    private readonly mailIntake: MailIntake,
    private readonly mailSender: MailSender,
    private readonly enrollment: EnrollmentWorker,
    private readonly holds: HoldReleaser,
  ) {}

  start(): void {
    for (const work of this.all()) work.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.all().map((work) => work.stop()));
  }

  private all() {
    return [this.beat, this.pruner, this.relay, this.mailIntake, this.mailSender, this.enrollment, this.holds];
  }
}

@Injectable()
export class Connections {
  constructor(
    private readonly database: DataSource,
    private readonly nats: NatsLink,
    private readonly crypto: CryptoChannel,
    private readonly vault: VaultChannel,
    private readonly billing: BillingChannel,
  ) {}

  pingDatabase(): Promise<void> {
    return ping(this.database);
  }

  async close(): Promise<void> {
    this.crypto.close();
    this.vault.close();
    this.billing.close();
    await this.nats.close();
    await this.database.destroy();
  }
}

/** What runs in the background, and the order in which everything ends: calls are over by then (libs/rpc). */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly background: BackgroundWork,
    private readonly connections: Connections,
    readiness: Readiness,
  ) {
    readiness.add('postgres', () => this.connections.pingDatabase());
  }

  onApplicationBootstrap(): void {
    this.background.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.background.stop();
    await this.connections.close();
  }
}
