import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';

/** Those that enrolled themselves and have had no token yet are not counted, nor expired ones. */
const COUNT = `
  SELECT count(*) AS count FROM agents
   WHERE org_id = $1 AND is_active AND unused_until IS NULL AND coalesce(expires_at > clock_timestamp(), true)`;

const UNUSED = 'SELECT id FROM agents WHERE id = ANY ($1::uuid[]) AND unused_until IS NOT NULL ORDER BY id';

/** Agents as plans count them. */
@Injectable()
export class AgentCountsRepository {
  async count(executor: Executor, orgId: string): Promise<number> {
    const [found] = await query<{ count: number }>(executor, COUNT, [orgId]);
    return found!.count;
  }

  /** Which of these have had no token yet. */
  async unused(executor: Executor, agentIds: readonly string[]): Promise<string[]> {
    return (await query<{ id: string }>(executor, UNUSED, [agentIds])).map(({ id }) => id);
  }

  /** Nobody else makes agents of the org count before the end of the transaction. Before any row of an agent is locked. */
  async lock(executor: Executor, orgId: string): Promise<void> {
    await query(executor, `SELECT pg_advisory_xact_lock(hashtextextended('agents:' || $1, 0))`, [orgId]);
  }
}
