import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

/** How long a change is told again and again: longer than a commit may take before its caller is told that it failed. */
const RECENT = "interval '10 seconds'";

const ADD = 'INSERT INTO session_invalidations (key) SELECT unnest($1::text[])';
const FIND_RECENT = `SELECT DISTINCT key FROM session_invalidations WHERE created_at > clock_timestamp() - ${RECENT}`;
const PRUNE = "DELETE FROM session_invalidations WHERE created_at < clock_timestamp() - interval '1 minute'";

/** Which cached resolutions became void lately, for all replicas to tell. Spans orgs: gateways serve all of them. */
@Injectable()
export class InvalidationsRepository {
  async add(executor: Executor, keys: readonly string[]): Promise<void> {
    await execute(executor, ADD, [keys]);
  }

  async findRecent(executor: Executor): Promise<string[]> {
    const rows = await query<{ key: string }>(executor, FIND_RECENT, [], { prepare: 'find-recent-invalidations' });
    return rows.map((row) => row.key);
  }

  async prune(executor: Executor): Promise<void> {
    await execute(executor, PRUNE);
  }
}
