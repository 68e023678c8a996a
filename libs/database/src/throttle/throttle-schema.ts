import type { QueryRunner } from 'typeorm';
import type { Grants } from '../grants.js';

export const THROTTLE_GRANTS: Grants = { throttles: 'SELECT, INSERT, UPDATE, DELETE' };

/** For a migration of each service that throttles attempts. */
export async function throttleUp(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE throttles (
      -- SHA-256 of what is counted for.
      key bytea PRIMARY KEY,
      -- Epoch milliseconds, at most as many as the limit.
      failures float8[] NOT NULL DEFAULT '{}',
      -- When the attempts began that are being checked.
      pending float8[] NOT NULL DEFAULT '{}',
      succeeded_at timestamptz,
      used_at timestamptz NOT NULL DEFAULT clock_timestamp()
    ) WITH (fillfactor = 70) -- rows change often, and no index knows what changes`);
}

export async function throttleDown(runner: QueryRunner): Promise<void> {
  await runner.query('DROP TABLE throttles');
}
