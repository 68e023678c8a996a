import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

/** One lock per org, shared by those who make something for it, held alone by its end. */
const KEY = 'hashtextextended($1::text, 0)';

/** Orgs that are no more. Whatever could outlive an org asks here, in its transaction. */
@Injectable()
export class DeletedOrgsRepository {
  /** Whether the org lives; if so, it does not end before the transaction has. */
  async keepAlive(executor: Executor, orgId: string): Promise<boolean> {
    await query(executor, `SELECT pg_advisory_xact_lock_shared(${KEY})`, [orgId]);
    return (await query(executor, 'SELECT FROM deleted_orgs WHERE org_id = $1', [orgId])).length === 0;
  }

  /** Waits for those who keep it alive: what they made is visible to the statements that follow. */
  async end(executor: Executor, orgId: string): Promise<void> {
    await query(executor, `SELECT pg_advisory_xact_lock(${KEY})`, [orgId]);
    await execute(executor, 'INSERT INTO deleted_orgs (org_id) VALUES ($1) ON CONFLICT DO NOTHING', [orgId]);
  }
}
