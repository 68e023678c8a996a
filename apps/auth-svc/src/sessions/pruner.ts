import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import type { Executor } from '@oneclaw/database';
import { DataSource } from 'typeorm';
import { Repeating } from './repeating.js';
import { SessionsRepository } from './sessions.repository.js';

const PAUSE_MS = 30_000;
const SESSIONS_AT_ONCE = 5000;

/** Whatever keeps rows that are of no use after a while. */
export interface Prunable {
  /** Replicas may call it at once. */
  prune(executor: Executor): Promise<unknown>;
}

/** Injection token: all of them, but for sessions. */
export const PRUNABLES = Symbol('Prunables');

/** Removes sessions whose tokens have expired, and what else has become useless. */
@Injectable()
export class Pruner {
  private readonly pruning = new Repeating(
    () => this.prune(),
    PAUSE_MS,
    (error) => this.logger.warn(`pruning failed: ${error.message}`),
  );

  constructor(
    private readonly database: DataSource,
    private readonly sessions: SessionsRepository,
    @Inject(PRUNABLES) private readonly others: readonly Prunable[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    this.pruning.start();
  }

  async stop(): Promise<void> {
    await this.pruning.stop();
  }

  async prune(): Promise<void> {
    for (const each of this.others) await each.prune(this.database);
    let pruned: number;
    do pruned = await this.sessions.prune(this.database, SESSIONS_AT_ONCE);
    while (pruned === SESSIONS_AT_ONCE);
  }
}
