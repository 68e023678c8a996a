import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';

/**
 * Takes as many accesses as are left, up to as many as are wanted. Rows are locked in one order everywhere, so that batches that
 * share secrets wait for each other and never in a circle; what is left is judged under the lock.
 */
const TAKE = `
  WITH granted AS (
    SELECT sv.secret_id, sv.version, least(wanted.amount, sv.max_access_count - sv.access_count) AS amount
    FROM unnest($1::uuid[], $2::int[], $3::int[]) AS wanted (secret_id, version, amount)
    JOIN secret_versions sv ON sv.secret_id = wanted.secret_id AND sv.version = wanted.version
    WHERE sv.max_access_count IS NOT NULL
    ORDER BY sv.secret_id, sv.version
    FOR NO KEY UPDATE OF sv
  )
  UPDATE secret_versions SET access_count = secret_versions.access_count + granted.amount
  FROM granted
  WHERE secret_versions.secret_id = granted.secret_id AND secret_versions.version = granted.version
  RETURNING secret_versions.secret_id AS "secretId", secret_versions.version, granted.amount`;

export interface AccessDemand {
  secretId: string;
  version: number;
  amount: number;
}

@Injectable()
export class AccessCountsRepository {
  /** Belongs into a transaction with what it admits. Answers what was granted, which is less than wanted where the limit is near. */
  async take(executor: Executor, demands: readonly AccessDemand[]): Promise<AccessDemand[]> {
    const columns = [
      demands.map((demand) => demand.secretId),
      demands.map((demand) => demand.version),
      demands.map((demand) => demand.amount),
    ];
    return await query<AccessDemand>(executor, TAKE, columns, { prepare: 'access-counts' });
  }
}
