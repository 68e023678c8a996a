import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { EntityManager } from 'typeorm';
import type { PeriodKey } from '../usage/periods.repository.js';
import type { Lease } from './lease.js';

const FIND = `
  SELECT l.id, l.org_id AS "orgId", l.period_start AS "periodStart", l.claim, l.granted, l.used, l.unspent,
         l.renewed_at AS "renewedAt", l.expires_at AS "expiresAt"
  FROM quota_leases l JOIN unnest($1::uuid[], $2::timestamptz[]) AS key (org_id, period_start) USING (org_id, period_start)`;

/** Org, period and what is counted stay as they are. */
const SAVE = `
  INSERT INTO quota_leases (id, org_id, period_start, claim, granted, used, unspent, renewed_at, expires_at)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::timestamptz[], $9::timestamptz[])
  ON CONFLICT (id) DO UPDATE SET claim = excluded.claim, granted = excluded.granted, unspent = excluded.unspent,
    renewed_at = excluded.renewed_at, expires_at = excluded.expires_at
  WHERE quota_leases.org_id = excluded.org_id AND quota_leases.period_start = excluded.period_start`;

const COUNT = `
  UPDATE quota_leases l SET used = l.used + counted.requests
  FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bigint[]) AS counted (id, org_id, period_start, requests)
  WHERE l.id = counted.id AND l.org_id = counted.org_id AND l.period_start = counted.period_start`;

/** Leases. Their period is locked, where they are read to be changed. */
@Injectable()
export class LeasesRepository {
  /** All of some periods. */
  async find(manager: EntityManager, keys: readonly PeriodKey[]): Promise<Lease[]> {
    const columns = [keys.map(({ orgId }) => orgId), keys.map(({ periodStart }) => periodStart)];
    return query<Lease>(manager, FIND, columns, { prepare: 'leases-find' });
  }

  async save(manager: EntityManager, leases: readonly Lease[]): Promise<void> {
    const column = <K extends keyof Lease>(name: K) => leases.map((lease) => lease[name]);
    const columns = [
      column('id'),
      column('orgId'),
      column('periodStart'),
      column('claim'),
      column('granted'),
      column('used'),
      column('unspent'),
      column('renewedAt'),
      column('expiresAt'),
    ];
    await execute(manager, SAVE, columns, { prepare: 'leases-save' });
  }

  /** Those that have ended are left alone: their requests count for the period all the same. */
  async count(
    manager: EntityManager,
    counts: readonly (PeriodKey & { leaseId: string; requests: number })[],
  ): Promise<void> {
    const columns = [
      counts.map(({ leaseId }) => leaseId),
      counts.map(({ orgId }) => orgId),
      counts.map(({ periodStart }) => periodStart),
      counts.map(({ requests }) => requests),
    ];
    await execute(manager, COUNT, columns, { prepare: 'leases-count' });
  }

  /** What they reserved and did not use is free again. A renewal at the same moment wins. */
  async deleteExpired(executor: Executor, now: Date): Promise<number> {
    return execute(executor, 'DELETE FROM quota_leases WHERE expires_at < $1', [now]);
  }

  async deleteOrg(executor: Executor, orgId: string): Promise<void> {
    await execute(executor, 'DELETE FROM quota_leases WHERE org_id = $1', [orgId]);
  }
}
