import { Injectable } from '@nestjs/common';
import { afterCommit } from '@oneclaw/database';
import type { EntityManager } from 'typeorm';
import { InvalidationBeat } from './invalidation-beat.js';
import { InvalidationsRepository } from './invalidations.repository.js';

/**
 * "jti:<uuid>" ends one session's cached resolution; the others all of that principal's or org's. "platform:state": what gateways
 * know of the platform's settings.
 */
export type InvalidationKey = `${'jti' | 'user' | 'agent' | 'org'}:${string}` | 'platform:state';

/** Voids what gateways have cached about sessions. */
@Injectable()
export class Invalidations {
  constructor(
    private readonly repository: InvalidationsRepository,
    private readonly beat: InvalidationBeat,
  ) {}

  /** In the transaction of the change; told to the gateways the moment it commits, and again for some seconds. */
  async add(manager: EntityManager, keys: readonly InvalidationKey[]): Promise<void> {
    await this.repository.add(manager, keys);
    afterCommit(manager, () => this.beat.tell(keys));
  }
}
