import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { Repeating } from '../sessions/repeating.js';
import { OrgMovesRepository } from './org-moves.repository.js';
import { OrgUse } from './org-use.js';

const PAUSE_MS = 5000;
/** No login takes so long; one that does starts again. */
const GIVE_UP_AFTER_MS = 30_000;
const AT_ONCE = 100;

/** Releases the holds of moves that have come to nothing: given up here first, so that none of them can still be made. */
@Injectable()
export class HoldReleaser {
  private readonly releasing = new Repeating(
    () => this.release(),
    PAUSE_MS,
    (error) => this.logger.warn(`holds on orgs are not released at the moment: ${error.message}`),
  );

  constructor(
    private readonly database: DataSource,
    private readonly moves: OrgMovesRepository,
    private readonly use: OrgUse,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    this.releasing.start();
  }

  async stop(): Promise<void> {
    await this.releasing.stop();
  }

  /** Replicas may do it at once. */
  async release(olderThanMs = GIVE_UP_AFTER_MS): Promise<void> {
    await this.moves.giveUp(this.database, olderThanMs);
    for (const { id, orgId } of await this.moves.findGivenUp(this.database, AT_ONCE)) {
      await this.use.release(orgId, id, { requestId: randomUUID() });
      await this.moves.forget(this.database, id);
    }
  }
}
