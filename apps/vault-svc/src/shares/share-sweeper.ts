import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ThrottlesRepository } from '@oneclaw/database';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { ShareCreationsRepository } from './share-creations.repository.js';
import { SharesRepository } from './shares.repository.js';

const INTERVAL_MS = 3_600_000;
const BATCH = 1000;

/** Removes what nobody asks about any more: shares that are long over, old counters. On any replica. */
@Injectable()
export class ShareSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly database: DataSource,
    private readonly shares: SharesRepository,
    private readonly creations: ShareCreationsRepository,
    private readonly throttles: ThrottlesRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(
      () => (this.running ??= this.run().finally(() => (this.running = undefined))),
      INTERVAL_MS,
    );
    this.timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.logger.warn({ err: error }, 'the sweep of shares pauses');
    }
  }

  async sweep(): Promise<void> {
    while (!this.stopped && (await this.shares.prune(this.database, BATCH)) === BATCH);
    await this.creations.prune(this.database);
    await this.throttles.prune(this.database);
  }
}
