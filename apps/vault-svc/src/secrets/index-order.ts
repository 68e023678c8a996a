import { query, transaction } from '@oneclaw/database';
import type { DataSource, EntityManager } from 'typeorm';

const WALK = `SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)`;

/**
 * For pages of lists: has statements walk the index whose order they ask for. Of a vault (or secret) that grew since the table was last
 * analysed the planner believes that it is small, and would fetch and sort all of it for every page.
 */
export async function inIndexOrder<T>(database: DataSource, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  return await transaction(database, async (manager) => {
    await query(manager, WALK);
    return await work(manager);
  });
}
