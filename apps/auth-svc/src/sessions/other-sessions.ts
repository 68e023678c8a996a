import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { EntityManager } from 'typeorm';
import { Invalidations } from './invalidations.js';
import { SessionsRepository } from './sessions.repository.js';

/** Ends all sessions of a user but the one that asks for it. */
@Injectable()
export class OtherSessions {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly invalidations: Invalidations,
  ) {}

  /** In the transaction that raised the user's epoch to `epoch`: the calling session moves along, if it was good until then. */
  async end(manager: EntityManager, caller: Caller, epoch: number): Promise<void> {
    await this.sessions.moveToEpoch(manager, caller.sessionId, epoch);
    await this.invalidations.add(manager, [`user:${caller.id}`]);
  }
}
