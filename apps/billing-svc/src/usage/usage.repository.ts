import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { EntityManager } from 'typeorm';
import type { CountedRequest } from './counted-request.js';

/** In the order of ids, so that two replicas with the same events wait for each other in one direction only. */
const ADD_EVENTS = `
  INSERT INTO usage_events (id, org_id, principal_type, principal_id, method, endpoint, status_code, occurred_at)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::int[], $8::timestamptz[])
    AS event (id) ORDER BY id
  ON CONFLICT DO NOTHING RETURNING id`;

const LIST = `
  SELECT id, principal_type AS "principalType", principal_id AS "principalId", method, endpoint, status_code AS "statusCode",
         price_micros AS "priceMicros", is_paid AS paid, occurred_at AS "occurredAt"
  FROM usage_events
  WHERE org_id = $1 AND ($2::timestamptz IS NULL OR (occurred_at, id) < ($2, $3))
  ORDER BY occurred_at DESC, id DESC LIMIT $4`;

/** A line of an org's history. */
export interface UsageEntry extends Omit<CountedRequest, 'orgId' | 'leaseId' | 'periodStart'> {
  priceMicros: number;
  paid: boolean;
}

/** Where a page of history ended. */
export interface UsagePosition {
  occurredAt: Date;
  id: string;
}

/** Single requests. */
@Injectable()
export class UsageRepository {
  /** Answers those that were not there already. Waits for another transaction that adds one of them. */
  async add(manager: EntityManager, requests: readonly CountedRequest[]): Promise<CountedRequest[]> {
    const column = <K extends keyof CountedRequest>(name: K) => requests.map((request) => request[name]);
    const columns = [
      column('id'),
      column('orgId'),
      column('principalType'),
      column('principalId'),
      column('method'),
      column('endpoint'),
      column('statusCode'),
      column('occurredAt'),
    ];
    const added = await query<{ id: string }>(manager, ADD_EVENTS, columns, { prepare: 'usage-add-events' });
    if (added.length === requests.length) return [...requests];
    const ids = new Set(added.map(({ id }) => id));
    // `delete` takes an id once: a batch may hold it twice.
    return requests.filter(({ id }) => ids.delete(id));
  }

  /** Newest first. */
  async list(
    executor: Executor,
    orgId: string,
    after: UsagePosition | undefined,
    limit: number,
  ): Promise<UsageEntry[]> {
    return query<UsageEntry>(executor, LIST, [orgId, after?.occurredAt ?? null, after?.id ?? null, limit]);
  }

  /** Partitions for the months around `now`, and none older than `months` full ones. Replicas may call it at once. */
  async keepPartitions(executor: Executor, now: Date, months: number): Promise<void> {
    await execute(executor, 'SELECT keep_usage_partitions($1, $2)', [now, months]);
  }
}
