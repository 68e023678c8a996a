import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { EntityManager } from 'typeorm';

/** An org's period. */
export interface PeriodKey {
  orgId: string;
  periodStart: Date;
}

/** What is counted of an org's period. */
export interface PeriodUsage extends PeriodKey {
  requests: number;
  paidRequests: number;
  costMicros: number;
}

const CREATE = `
  INSERT INTO usage_periods (org_id, period_start)
  SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS key (org_id, period_start) ORDER BY org_id, period_start
  ON CONFLICT DO NOTHING`;

const COLUMNS = `
  p.org_id AS "orgId", p.period_start AS "periodStart", p.requests, p.paid_requests AS "paidRequests",
  p.cost_micros AS "costMicros"`;

/** In the order of the key: two that lock the same rows wait in one direction only. */
const LOCK = `
  SELECT ${COLUMNS} FROM usage_periods p
  JOIN unnest($1::uuid[], $2::timestamptz[]) AS key (org_id, period_start) USING (org_id, period_start)
  ORDER BY p.org_id, p.period_start FOR NO KEY UPDATE OF p`;

const FIND = `SELECT ${COLUMNS} FROM usage_periods p WHERE p.org_id = ANY ($1::uuid[]) AND p.period_start = $2`;

const ADD = `
  UPDATE usage_periods p SET requests = p.requests + counted.requests
  FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) AS counted (org_id, period_start, requests)
  WHERE p.org_id = counted.org_id AND p.period_start = counted.period_start`;

@Injectable()
export class PeriodsRepository {
  /** Makes those that are not there, and keeps all of them locked until the end of the transaction. The keys are distinct. */
  async lock(manager: EntityManager, keys: readonly PeriodKey[]): Promise<PeriodUsage[]> {
    const columns = columnsOf(keys);
    await execute(manager, CREATE, columns, { prepare: 'periods-create' });
    return query<PeriodUsage>(manager, LOCK, columns, { prepare: 'periods-lock' });
  }

  /** Of the orgs that have used anything in the period. */
  async find(executor: Executor, orgIds: readonly string[], periodStart: Date): Promise<Map<string, PeriodUsage>> {
    const found = await query<PeriodUsage>(executor, FIND, [orgIds, periodStart]);
    return new Map(found.map((usage) => [usage.orgId, usage]));
  }

  /** The rows are locked. */
  async add(manager: EntityManager, counts: readonly (PeriodKey & { requests: number })[]): Promise<void> {
    await execute(manager, ADD, [...columnsOf(counts), counts.map(({ requests }) => requests)], {
      prepare: 'periods-add',
    });
  }
}

function columnsOf(keys: readonly PeriodKey[]): [string[], Date[]] {
  return [keys.map(({ orgId }) => orgId), keys.map(({ periodStart }) => periodStart)];
}
