import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { CmekState } from './cmek-rotation.entity.js';

const LOCK_NAME = (id: string) => `hashtextextended('cmek/' || ${id}, 0)`;

/** In one order everywhere. */
const SHARE = `
  SELECT pg_advisory_xact_lock_shared(${LOCK_NAME('id')}) FROM (SELECT unnest($1::text[]) AS id ORDER BY 1) AS vault`;

const EXCLUDE = `SELECT pg_advisory_xact_lock(${LOCK_NAME('$1::text')})`;

const FIND = `
  SELECT cmek_enabled AS enabled, cmek_fingerprint AS fingerprint FROM vaults
  WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE`;

const SET = `
  UPDATE vaults SET cmek_enabled = $2::text IS NOT NULL, cmek_fingerprint = $2, cmek_write_fingerprint = $3 WHERE id = $1`;

/**
 * What vaults say of their clients' keys. Whoever writes into a vault with such a key holds its lock shared, from before the key is looked
 * up until the version is committed; whoever changes the key holds it alone. So nothing that was written by the word of an earlier
 * state is committed after the change. Waiting is in order: neither keeps the other out for long.
 */
@Injectable()
export class CmekVaultsRepository {
  /** For writers. Needs a transaction. */
  async share(executor: Executor, vaultIds: readonly string[]): Promise<void> {
    await execute(executor, SHARE, [vaultIds]);
  }

  /** For those who change the key: waits until nobody writes. Needs a transaction, and comes first in it. */
  async exclude(executor: Executor, vaultId: string): Promise<void> {
    await execute(executor, EXCLUDE, [vaultId]);
  }

  /** Locks the vault's row; undefined where there is no such live vault. */
  async find(executor: Executor, orgId: string, vaultId: string): Promise<CmekState | undefined> {
    const [state] = await query<CmekState>(executor, FIND, [orgId, vaultId]);
    return state;
  }

  /**
   * @param fingerprint of the vault's key; null = none
   * @param writes of the key that new versions are taken to be under
   */
  async set(executor: Executor, vaultId: string, fingerprint: string | null, writes = fingerprint): Promise<void> {
    await execute(executor, SET, [vaultId, fingerprint, writes]);
  }
}
