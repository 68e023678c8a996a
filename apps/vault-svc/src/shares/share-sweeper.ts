import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ThrottlesRepository } from '@oneclaw/database';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { WorkLoop } from '../background/work-loop.js';
import { ShareCreationsRepository } from './share-creations.repository.js';
import { SharesRepository } from './shares.repository.js';

const INTERVAL_MS = 3_600_000;
const PAUSE_MS = 20;
const BATCH = 1000;

/** Removes what nobody asks about any more: shares that are long over, old counters. On any replica. */
@Injectable()
export class ShareSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: WorkLoop;

  constructor(
    private readonly database: DataSource,
    private readonly shares: SharesRepository,
    private readonly creations: ShareCreationsRepository,
    private readonly throttles: ThrottlesRepository,
    @Inject(LOGGER) logger: Logger,
  ) {
    const onError = (error: unknown) => logger.warn({ err: error }, 'the sweep of shares pauses');
    this.loop = new WorkLoop({ step: () => this.step(), intervalMs: INTERVAL_MS, pauseMs: PAUSE_MS, onError });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  /** All of it, at once. */
  async sweep(): Promise<void> {
    while (await this.step());
  }

  private async step(): Promise<boolean> {
    if ((await this.shares.prune(this.database, BATCH)) === BATCH) return true;
    await this.creations.prune(this.database);
    await this.throttles.prune(this.database);
    return false;
  }
}
