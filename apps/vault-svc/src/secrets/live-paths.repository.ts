import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';

export interface PathRef {
  vaultId: string;
  path: string;
}

const DEMANDED = `unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS demanded (vault_id, path, ord)
  JOIN secrets s ON s.vault_id = demanded.vault_id AND s.path = demanded.path
  JOIN secret_versions sv ON sv.secret_id = s.id AND sv.version = s.current_version`;

const LIVES = `s.deleted_at IS NULL AND (sv.expires_at IS NULL OR sv.expires_at > statement_timestamp())`;

const FIND = `SELECT s.vault_id AS "vaultId", s.path FROM ${DEMANDED} WHERE ${LIVES}`;

/** Only what lives long enough: a transaction is over in less than a minute. In the order in which versions are taken. */
const KEEP = `
  SELECT s.vault_id AS "vaultId", s.path FROM ${DEMANDED}
  WHERE s.deleted_at IS NULL AND (sv.expires_at IS NULL OR sv.expires_at > statement_timestamp() + interval '1 minute')
  ORDER BY ord FOR NO KEY UPDATE OF s`;

/** Never less than there are: paths of the system, of deleted vaults and expired ones are among them. By index alone. */
const COUNT_AT_MOST = 'SELECT count(*) AS count FROM secrets WHERE org_id = $1 AND deleted_at IS NULL';

const COUNT = `
  SELECT count(*) AS count FROM vaults v JOIN secrets s ON s.vault_id = v.id
  JOIN secret_versions sv ON sv.secret_id = s.id AND sv.version = s.current_version
  WHERE v.org_id = $1 AND v.deleted_at IS NULL AND v.created_by_type = 'user' AND ${LIVES}`;

/** Paths that live: neither deleted nor expired, in a vault that people made. Plans limit how many an org has. */
@Injectable()
export class LivePathsRepository {
  /** Which of the paths live. */
  async find(executor: Executor, paths: readonly PathRef[]): Promise<PathRef[]> {
    return query<PathRef>(executor, FIND, columnsOf(paths), { prepare: 'live-paths-find' });
  }

  /** Which of the paths live for sure until the end of the transaction; some that others are just writing may be missing. */
  async keep(executor: Executor, paths: readonly PathRef[]): Promise<PathRef[]> {
    return query<PathRef>(executor, KEEP, columnsOf(paths), { prepare: 'live-paths-keep' });
  }

  /** Nobody else adds live paths to these orgs, as far as they have a limit, before the end of the transaction. */
  async lock(executor: Executor, orgIds: readonly string[]): Promise<void> {
    for (const orgId of [...orgIds].sort())
      await query(executor, `SELECT pg_advisory_xact_lock(hashtextextended('secrets:' || $1, 0))`, [orgId]);
  }

  /** How many the org has; exact from `upTo` on, below it perhaps a higher number that is still below. */
  async count(executor: Executor, orgId: string, upTo: number): Promise<number> {
    const [most] = await query<{ count: number }>(executor, COUNT_AT_MOST, [orgId]);
    if (most!.count < upTo) return most!.count;
    return this.countExactly(executor, orgId);
  }

  async countExactly(executor: Executor, orgId: string): Promise<number> {
    const [found] = await query<{ count: number }>(executor, COUNT, [orgId]);
    return found!.count;
  }
}

function columnsOf(paths: readonly PathRef[]): [string[], string[]] {
  return [paths.map(({ vaultId }) => vaultId), paths.map(({ path }) => path)];
}
