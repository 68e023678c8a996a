import { Injectable } from '@nestjs/common';
import { type Caller, canonicalEmail } from '@oneclaw/caller';
import { cursorOf } from '@oneclaw/database';
import { DataSource } from 'typeorm';
import { accessSubjectOf } from '../access/access-subject.js';
import { outsideBounds } from '../policies/engine/index.js';
import type { ListedShare } from './share.entity.js';
import { SharesRepository, type ShareRow } from './shares.repository.js';

export type Direction = 'outbound' | 'inbound';

export interface SharePage {
  shares: ListedShare[];
  nextCursor: string;
}

const CURSOR = cursorOf({ createdAtMicros: 'integer', id: 'uuid' });
/** What one answer holds, whatever is asked for: a longer list is taken page by page. */
const MAX_PAGE = 500;

@Injectable()
export class ListSharesService {
  constructor(
    private readonly database: DataSource,
    private readonly shares: SharesRepository,
  ) {}

  /**
   * Newest first. `limit` 0 = as many as one answer holds. Where the caller is limited to vaults or paths, without what lies outside of
   * them: a page can be shorter then, or empty, and not the last one.
   */
  async list(caller: Caller, direction: Direction, limit: number, cursor: string): Promise<SharePage> {
    const after = CURSOR.decode(cursor);
    const size = limit === 0 ? MAX_PAGE : Math.min(limit, MAX_PAGE);
    const found =
      direction === 'outbound'
        ? await this.shares.listMade(this.database, caller, after, size + 1)
        : await this.shares.listReceived(this.database, caller, verifiedAddressOf(caller), after, size + 1);
    const page = found.slice(0, size);
    const nextCursor = found.length > size ? CURSOR.encode(page.at(-1) as ShareRow) : '';
    const subject = accessSubjectOf(caller);
    const shares = page.filter(({ vaultId, path }) => !outsideBounds(subject, vaultId, path.split('/')));
    return { shares, nextCursor };
  }
}

function verifiedAddressOf({ type, email, emailVerified }: Caller): string | null {
  return type === 'user' && email !== undefined && emailVerified ? canonicalEmail(email) : null;
}
