import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { InvalidationsRepository } from './invalidations.repository.js';
import { Repeating } from './repeating.js';
import { SessionsRepository } from './sessions.repository.js';

const PAUSE_MS = 30_000;
const SESSIONS_AT_ONCE = 5000;

/** Removes sessions whose tokens have expired, and invalidations that everybody has heard. */
@Injectable()
export class Pruner {
  private readonly pruning = new Repeating(
    () => this.prune(),
    PAUSE_MS,
    (error) => this.logger.warn(`pruning sessions failed: ${error.message}`),
  );

  constructor(
    private readonly database: DataSource,
    private readonly sessions: SessionsRepository,
    private readonly invalidations: InvalidationsRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    this.pruning.start();
  }

  async stop(): Promise<void> {
    await this.pruning.stop();
  }

  async prune(): Promise<void> {
    await this.invalidations.prune(this.database);
    let pruned: number;
    do pruned = await this.sessions.prune(this.database, SESSIONS_AT_ONCE);
    while (pruned === SESSIONS_AT_ONCE);
  }
}
