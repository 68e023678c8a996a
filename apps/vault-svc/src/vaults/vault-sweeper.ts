import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { WorkLoop } from '../background/work-loop.js';
import { SweepRepository } from './sweep.repository.js';

const INTERVAL_MS = 30_000;
/** A writer that found the vault alive may have kept a round from it. */
const SECOND_LOOK_MS = 1000;
/** So that reads and writes of other vaults do not feel the sweep. */
const PAUSE_MS = 20;

/**
 * Removes what deleted vaults leave behind: ciphertexts that nothing opens any more. In small batches, on any replica,
 * resumable at every point.
 */
@Injectable()
export class VaultSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loop: WorkLoop;

  constructor(database: DataSource, sweep: SweepRepository, @Inject(LOGGER) logger: Logger) {
    this.loop = new WorkLoop({
      step: () => sweep.step(database),
      intervalMs: INTERVAL_MS,
      secondLookMs: SECOND_LOOK_MS,
      pauseMs: PAUSE_MS,
      onError: (error) => logger.warn({ err: error }, 'the sweep of deleted vaults pauses'),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** A vault was deleted just now. */
  hint(): void {
    this.loop.hint();
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }
}
