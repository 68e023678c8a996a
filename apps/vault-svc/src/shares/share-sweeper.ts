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
    this.schedule(INTERVAL_MS * Math.random());
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Once: what a test, or the timer, asks for. */
  async sweep(): Promise<void> {
    while (!this.stopped && (await this.shares.prune(this.database, BATCH)) === BATCH);
    await this.creations.prune(this.database);
    await this.throttles.prune(this.database);
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.run().finally(() => this.schedule(INTERVAL_MS));
    }, delayMs);
    this.timer.unref();
  }

  private async run(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.logger.warn({ err: error }, 'the sweep of shares pauses');
    }
  }
}
