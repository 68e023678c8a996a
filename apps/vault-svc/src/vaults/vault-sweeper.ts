import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { SweepRepository } from './sweep.repository.js';

const INTERVAL_MS = 30_000;
/** After a hint: a writer that found the vault alive may have kept a round from it. */
const SECOND_LOOK_MS = 1000;
/** Between batches, so that reads and writes of other vaults do not feel the sweep. */
const PAUSE_MS = 20;

/**
 * Removes what deleted vaults leave behind: ciphertexts that nothing opens any more. In small batches, on any replica,
 * resumable at every point.
 */
@Injectable()
export class VaultSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private hinted = false;

  constructor(
    private readonly database: DataSource,
    private readonly sweep: SweepRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule(INTERVAL_MS * Math.random());
  }

  /** A vault was deleted just now. */
  hint(): void {
    this.hinted = true;
    if (!this.running) this.schedule(0);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.running = this.run().finally(() => {
        this.running = undefined;
        this.schedule(this.hinted ? SECOND_LOOK_MS : INTERVAL_MS);
        this.hinted = false;
      });
    }, delayMs);
    this.timer.unref();
  }

  private async run(): Promise<void> {
    try {
      while (!this.stopped && (await this.sweep.step(this.database))) await pause();
    } catch (error) {
      this.logger.warn({ err: error }, 'the sweep of deleted vaults pauses');
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
