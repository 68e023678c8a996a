import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { Clock } from '../clock.js';
import { CONFIG, type BillingConfig } from '../config.js';
import { UsageRepository } from './usage.repository.js';

const HOUR_MS = 3_600_000;

/** Has room for the history of the months to come, and forgets those that are old enough. */
@Injectable()
export class HistoryKeeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<BillingConfig, 'USAGE_HISTORY_MONTHS'>,
    private readonly dataSource: DataSource,
    private readonly usage: UsageRepository,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    const pass = () =>
      (this.running = this.keep().catch((error: Error) => this.logger.warn(`usage history: ${error.message}`)));
    void pass();
    this.timer = setInterval(pass, HOUR_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async keep(): Promise<void> {
    await this.usage.keepPartitions(this.dataSource, this.clock.now(), this.config.USAGE_HISTORY_MONTHS);
  }
}
