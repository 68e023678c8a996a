import type { DataSource } from 'typeorm';
import { query } from './query.js';

/** For a readiness check: throws `unavailable` when Postgres does not answer. */
export async function ping(dataSource: DataSource): Promise<void> {
  await query(dataSource, 'SELECT 1');
}
