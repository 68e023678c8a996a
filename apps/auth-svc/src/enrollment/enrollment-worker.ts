import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { Repeating } from '../sessions/repeating.js';
import { EnrolledAgents } from './enrolled-agents.js';
import { EnrollmentsRepository } from './enrollments.repository.js';

/** How often it looks for what another replica left undone. */
const PAUSE_MS = 2000;
/** Then another replica tries. */
const LEND_MS = 30_000;

/** Carries out enrolments that were taken in, one after the other; every replica has one. */
@Injectable()
export class EnrollmentWorker {
  private readonly working = new Repeating(
    () => this.workOff(),
    PAUSE_MS,
    (error) => this.logger.warn(`enrolling failed, and is tried again: ${error.message}`),
  );
  private hinted: Promise<void> | undefined;

  constructor(
    private readonly database: DataSource,
    private readonly enrollments: EnrollmentsRepository,
    private readonly agents: EnrolledAgents,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    this.working.start();
  }

  async stop(): Promise<void> {
    await this.working.stop();
    await this.hinted;
  }

  /** There may be something to do. */
  hint(): void {
    this.hinted ??= this.workOff()
      .catch(() => undefined)
      .finally(() => (this.hinted = undefined));
  }

  private async workOff(): Promise<void> {
    for (;;) {
      const due = await this.enrollments.take(this.database, LEND_MS);
      if (!due) return;
      await this.agents.create(due);
    }
  }
}
