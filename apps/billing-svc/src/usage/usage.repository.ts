import { Injectable } from '@nestjs/common';
import { execute } from '@oneclaw/database';
import type { EntityManager } from 'typeorm';
import type { UsageEvent } from './usage-event.js';

const CLAIM = 'INSERT INTO usage_reports (id) VALUES ($1) ON CONFLICT DO NOTHING';

const ADD_EVENTS = `
  INSERT INTO usage_events (id, org_id, principal_type, principal_id, method, endpoint, status_code, occurred_at)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::int[], $8::timestamptz[])`;

/** In the order of the key, so that two reports lock the rows they share in one order. */
const ADD_TO_MONTHS = `
  INSERT INTO usage_months (org_id, month, requests)
  SELECT org_id, date_trunc('month', occurred_at AT TIME ZONE 'UTC')::date AS month, count(*)
  FROM unnest($1::uuid[], $2::timestamptz[]) AS event (org_id, occurred_at)
  GROUP BY org_id, month ORDER BY org_id, month
  ON CONFLICT (org_id, month) DO UPDATE SET requests = usage_months.requests + excluded.requests`;

@Injectable()
export class UsageRepository {
  /** False when the report was counted before. A parallel claim of the same report waits for the other's outcome. */
  async claimReport(manager: EntityManager, reportId: string): Promise<boolean> {
    return (await execute(manager, CLAIM, [reportId])) === 1;
  }

  async addEvents(manager: EntityManager, events: readonly UsageEvent[]): Promise<void> {
    const column = <K extends keyof UsageEvent>(name: K) => events.map((event) => event[name]);
    await execute(
      manager,
      ADD_EVENTS,
      [
        column('id'),
        column('orgId'),
        column('principalType'),
        column('principalId'),
        column('method'),
        column('endpoint'),
        column('statusCode'),
        column('occurredAt'),
      ],
      { prepare: 'usage-add-events' },
    );
  }

  async addToMonths(manager: EntityManager, events: readonly UsageEvent[]): Promise<void> {
    const columns = [events.map((event) => event.orgId), events.map((event) => event.occurredAt)];
    await execute(manager, ADD_TO_MONTHS, columns, { prepare: 'usage-add-to-months' });
  }
}
