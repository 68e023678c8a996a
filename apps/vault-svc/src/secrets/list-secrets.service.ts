import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { cursorOf } from '@oneclaw/database';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { accessSubjectOf } from '../access/access-subject.js';
import { VaultAccess, type VisibleVault } from '../access/vault-access.js';
import { attemptOn } from '../audit/attempt.js';
import { evaluate, isCreator } from '../policies/engine/index.js';
import { inIndexOrder } from './index-order.js';
import { ListAnswer } from './list-answer.js';
import { rangesOf, type PathRange } from './path-ranges.js';
import { SecretListRepository } from './secret-list.repository.js';
import { FairShare } from './fair-share.js';
import { isPathPrefix } from './secret-path.js';
import type { SecretMetadata } from './secret.entity.js';

export interface SecretListInput {
  vaultId: string;
  /** Empty = all. */
  prefix: string;
  /** 0 = as many as one answer holds. */
  limit: number;
  cursor: string;
}

export interface SecretPage {
  secrets: readonly SecretMetadata[];
  /** Empty where there is nothing more. */
  nextCursor: string;
}

const NOTHING: SecretPage = { secrets: [], nextCursor: '' };
const CURSOR = cursorOf({ path: 'text' });
/** Rows read at once; a page of what the caller may read can need several. */
const CHUNK = 500;
/** Rows looked at for one answer: where the caller may read few of many, an answer has few, and says where to go on. */
const MAX_SCANNED = 20_000;

@Injectable()
export class ListSecretsService {
  constructor(
    private readonly database: DataSource,
    private readonly access: VaultAccess,
    private readonly repository: SecretListRepository,
  ) {}

  /** What the caller may read, in order of path. The event is committed before the list is answered. */
  async list(caller: Caller, input: SecretListInput, call: CallContext): Promise<SecretPage> {
    const after = CURSOR.decode(input.cursor)?.path ?? '';
    const visible = await this.access.findVisible(caller, input.vaultId);
    // What no path can begin with matches nothing, and may be more than the database or the trail can hold.
    const possible = isPathPrefix(input.prefix);
    const collect = (manager: EntityManager) => this.collect(manager, caller, visible, input, after, call);
    const page = possible ? await inIndexOrder(this.database, collect) : NOTHING;
    const details = { ...(possible ? { prefix: input.prefix } : {}), count: page.secrets.length };
    await commitEvents(this.database.manager, [
      auditEvent(attemptOn(caller, call, 'secret.list', input.vaultId, details)),
    ]);
    return page;
  }

  private async collect(
    manager: EntityManager,
    caller: Caller,
    visible: VisibleVault,
    { prefix, limit }: SecretListInput,
    after: string,
    { clientIp, deadline }: CallContext,
  ): Promise<SecretPage> {
    const mayList = listFilter(caller, visible, clientIp);
    const fairShare = new FairShare(deadline);
    const answer = new ListAnswer<SecretMetadata>(limit);
    let scanned = 0;
    for await (const secret of this.walk(manager, visible, rangesFor(caller, visible, prefix), after, limit)) {
      if (fairShare.isUsedUp) await fairShare.letOthersRun();
      if (mayList(secret.path) && !answer.add(secret)) return pageOf(answer, answer.last?.path);
      scanned += 1;
      // The cursor of a full answer names what the caller has seen; any other is not shown to the caller.
      if (scanned === MAX_SCANNED) return pageOf(answer, answer.isFull ? answer.last?.path : secret.path);
    }
    return pageOf(answer);
  }

  private async *walk(
    manager: EntityManager,
    { vault }: VisibleVault,
    ranges: readonly PathRange[],
    start: string,
    limit: number,
  ) {
    let chunk = limit > 0 ? Math.min(limit + 1, CHUNK) : CHUNK;
    for (const range of ranges) {
      let after = start;
      for (;;) {
        const rows = await this.repository.list(manager, vault.orgId, vault.id, range, after, chunk);
        yield* rows;
        const last = rows.at(-1);
        if (!last || rows.length < chunk) break;
        after = last.path;
        chunk = Math.min(4 * chunk, CHUNK);
      }
    }
  }
}

function pageOf(answer: ListAnswer<SecretMetadata>, next?: string): SecretPage {
  return { secrets: answer.entries, nextCursor: next === undefined ? '' : CURSOR.encode({ path: next }) };
}

function listFilter(caller: Caller, { vault, policies }: VisibleVault, ip: string): (path: string) => boolean {
  const request = { action: 'list' as const, subject: accessSubjectOf(caller), vault, ip, at: Date.now() };
  return (path) => evaluate({ ...request, path }, policies).allowed;
}

/** Where everything lies that the caller may list. */
function rangesFor(caller: Caller, { vault, policies }: VisibleVault, prefix: string): PathRange[] {
  const granted = isCreator(caller, vault) ? [''] : policies.map(({ pattern }) => pattern.literalPrefix);
  const ceiling = accessSubjectOf(caller).pathScopes?.map(({ literalPrefix }) => literalPrefix) ?? [''];
  return rangesOf([prefix], granted, ceiling);
}
