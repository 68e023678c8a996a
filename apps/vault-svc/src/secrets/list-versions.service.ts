import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { cursorOf } from '@oneclaw/database';
import { notFound } from '@oneclaw/errors';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { attemptOn } from '../audit/attempt.js';
import { commitEvents } from '../audit/commit-events.js';
import { Refused } from '../audit/refusal-trail.js';
import { inIndexOrder } from './index-order.js';
import { ListAnswer } from './list-answer.js';
import { PathAccess } from './path-access.js';
import { MAX_VERSION } from './preconditions.js';
import { VersionListRepository, type ListedVersion } from './version-list.repository.js';

export interface VersionListInput {
  vaultId: string;
  path: string;
  /** 0 = as many as one answer holds. */
  limit: number;
  cursor: string;
}

export interface VersionPage {
  secretId: string;
  versions: readonly (ListedVersion & { state: VersionState })[];
  /** Empty where there is nothing more. */
  nextCursor: string;
}

/** Why a version is not readable, or that it is. */
export type VersionState = 'live' | 'deleted' | 'expired' | 'used_up';

const CURSOR = cursorOf({ version: 'integer' });
const CHUNK = 200;

@Injectable()
export class ListVersionsService {
  constructor(
    private readonly database: DataSource,
    private readonly access: PathAccess,
    private readonly repository: VersionListRepository,
  ) {}

  /** For those who may read the path. It is metadata: nothing is opened, and no access counted. The event is committed first. */
  async list(caller: Caller, input: VersionListInput, call: CallContext): Promise<VersionPage> {
    const { vaultId, path } = input;
    const before = Math.min(CURSOR.decode(input.cursor)?.version ?? MAX_VERSION + 1, MAX_VERSION + 1);
    await this.access.require('read', caller, vaultId, path, call.clientIp);
    const secret = await this.repository.find(this.database, caller.orgId, vaultId, path);
    if (!secret) throw new Refused(notFound('Secret'), 'secret_not_found');
    const answer = new ListAnswer<ListedVersion>(input.limit);
    const more = await inIndexOrder(this.database, (manager) => this.fill(manager, answer, secret.id, before));
    const attempt = attemptOn(caller, call, 'secret.list', vaultId, { path, count: answer.entries.length });
    await commitEvents(this.database.manager, [
      auditEvent({ ...attempt, resourceType: 'secret', resourceId: secret.id }),
    ]);
    const now = Date.now();
    return {
      secretId: secret.id,
      versions: answer.entries.map((version) => ({ ...version, state: stateOf(version, secret.deletedThrough, now) })),
      nextCursor: more && answer.last ? CURSOR.encode({ version: answer.last.version }) : '',
    };
  }

  /** Whether there is more than the answer has room for. */
  private async fill(
    manager: EntityManager,
    answer: ListAnswer<ListedVersion>,
    secretId: string,
    start: number,
  ): Promise<boolean> {
    for (let before = start; ;) {
      const rows = await this.repository.list(manager, secretId, before, CHUNK);
      for (const row of rows) if (!answer.add(row)) return true;
      const last = rows.at(-1);
      if (!last || rows.length < CHUNK) return false;
      before = last.version;
    }
  }
}

/** In the order in which a read would find it out. */
function stateOf(version: ListedVersion, deletedThrough: number, now: number): VersionState {
  if (version.version <= deletedThrough) return 'deleted';
  if (version.expiresAt && version.expiresAt.getTime() <= now) return 'expired';
  if (version.maxAccessCount !== null && version.accessCount >= version.maxAccessCount) return 'used_up';
  return 'live';
}
