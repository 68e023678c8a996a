import { Inject, Injectable } from '@nestjs/common';
import { Ticker } from '@oneclaw/events';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { CONFIG, type AuditConfig } from '../config.js';
import { CheckpointsService } from './checkpoints.service.js';

/** Looks so many times an interval, so that a chain's turn comes when its checkpoint is an interval old, and not much later. */
const LOOKS_PER_INTERVAL = 4;

/** Signs what is due, again and again, on every replica: which of them does it is decided by a lock in the database. */
@Injectable()
export class CheckpointRounds {
  private readonly ticker: Ticker;
  private afterOrg: string | undefined;

  constructor(
    private readonly checkpoints: CheckpointsService,
    @Inject(CONFIG) private readonly config: AuditConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    const lookMs = (config.CHECKPOINT_INTERVAL_SECONDS * 1000) / LOOKS_PER_INTERVAL;
    this.ticker = new Ticker(() => this.look(), {
      distanceMs: lookMs,
      idleMs: lookMs,
      onError: (error) => logger.warn(`chains cannot be signed at the moment: ${error.message}`),
    });
  }

  start(): void {
    this.ticker.start();
  }

  async stop(): Promise<void> {
    await this.ticker.stop();
  }

  /** Answers whether there is more to do at once. */
  private async look(): Promise<boolean> {
    this.afterOrg = await this.checkpoints.signDue(this.afterOrg, this.config.CHECKPOINT_INTERVAL_SECONDS);
    return this.afterOrg !== undefined;
  }
}
