import { execute, query, type Executor } from '@oneclaw/database';
import type { ChainHead, ChainedEvent } from './chained-event.js';
import { GENESIS_HASH } from './event-hash.js';

const HEAD_COLUMNS = 'org_id AS "orgId", position, event_id AS "eventId", integrity_hash AS "integrityHash"';

const LOCK_HEADS = `SELECT ${HEAD_COLUMNS} FROM chain_heads WHERE org_id = ANY ($1::uuid[]) ORDER BY org_id FOR UPDATE`;

const START_CHAINS = `
  INSERT INTO chain_heads (org_id, position, integrity_hash)
  SELECT org_id, 0, $2 FROM unnest($1::uuid[]) org_id ORDER BY org_id ON CONFLICT DO NOTHING`;

const MOVE_HEADS = `
  UPDATE chain_heads SET position = head.position, event_id = head.event_id, integrity_hash = head.integrity_hash
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bytea[]) AS head (org_id, position, event_id, integrity_hash)
  WHERE chain_heads.org_id = head.org_id`;

const INSERT_EVENTS = `
  INSERT INTO events (org_id, position, id, prev_event_id, actor_type, actor_id, action, resource_type, resource_id,
    details, vault_id, path, ip_address, request_id, created_at, integrity_hash)
  SELECT org_id, position, id, prev_event_id, actor_type, actor_id, action, resource_type, resource_id,
    details, vault_id, path, ip_address, request_id, 'epoch'::timestamptz + micros * interval '1 microsecond', integrity_hash
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::bytea[])
    AS e (org_id, position, id, prev_event_id, actor_type, actor_id, action, resource_type, resource_id,
      details, vault_id, path, ip_address, request_id, micros, integrity_hash)`;

const COLUMNS = [
  'orgId',
  'position',
  'id',
  'prevEventId',
  'actorType',
  'actorId',
  'action',
  'resourceType',
  'resourceId',
  'details',
  'vaultId',
  'path',
  'ipAddress',
  'requestId',
  'createdAtMicros',
  'integrityHash',
] as const satisfies readonly (keyof ChainedEvent)[];

const READ_CHAIN = `
  SELECT org_id AS "orgId", position, id, prev_event_id AS "prevEventId", actor_type AS "actorType", actor_id AS "actorId",
    action, resource_type AS "resourceType", resource_id AS "resourceId", details, vault_id AS "vaultId", path,
    ip_address AS "ipAddress", request_id AS "requestId",
    -- Nothing that we wrote is outside these years; what somebody else put there must not break the reading.
    CASE WHEN created_at BETWEEN '1970-01-01Z' AND '2250-01-01Z' THEN (extract(epoch FROM created_at) * 1000000)::bigint ELSE -1 END
      AS "createdAtMicros",
    integrity_hash AS "integrityHash"
  FROM events WHERE org_id = $1 AND position > $2 ORDER BY position LIMIT $3`;

/** Events are inserted and read, never changed: the service's role has no right to. */
export class ChainRepository {
  /** Locks the ends of these orgs' chains, in the order of their ids, so that two replicas cannot wait for each other. */
  async lockHeads(executor: Executor, orgIds: readonly string[]): Promise<ChainHead[]> {
    const heads = await query<ChainHead>(executor, LOCK_HEADS, [orgIds], { prepare: 'lock-heads' });
    if (heads.length === orgIds.length) return heads;
    const known = new Set(heads.map((head) => head.orgId));
    await execute(executor, START_CHAINS, [orgIds.filter((orgId) => !known.has(orgId)), GENESIS_HASH]);
    return query<ChainHead>(executor, LOCK_HEADS, [orgIds], { prepare: 'lock-heads' });
  }

  async moveHeads(executor: Executor, heads: readonly ChainHead[]): Promise<void> {
    const columns = [
      heads.map((head) => head.orgId),
      heads.map((head) => head.position),
      heads.map((head) => head.eventId),
      heads.map((head) => head.integrityHash),
    ];
    await execute(executor, MOVE_HEADS, columns, { prepare: 'move-heads' });
  }

  /**
   * Which of these are stored already. Exact for orgs whose heads the caller has locked. Planned anew each time: a plan that was
   * prepared while the table was small scans all of it for as long as nobody analyses the table that it has become.
   */
  async findKnown(executor: Executor, ids: readonly string[]): Promise<Set<string>> {
    const known = await query<{ id: string }>(executor, 'SELECT id FROM events WHERE id = ANY ($1::uuid[])', [ids]);
    return new Set(known.map((row) => row.id));
  }

  async insert(executor: Executor, events: readonly ChainedEvent[]): Promise<void> {
    const columns = COLUMNS.map((column) => events.map((event) => event[column]));
    await execute(executor, INSERT_EVENTS, columns, { prepare: 'insert-events' });
  }

  /** Up to `limit` events after a position, in the chain's order. */
  async read(executor: Executor, orgId: string, after: number, limit: number): Promise<ChainedEvent[]> {
    return query<ChainedEvent>(executor, READ_CHAIN, [orgId, after, limit]);
  }

  /** Undefined where the org has no chain. */
  async findHead(executor: Executor, orgId: string): Promise<ChainHead | undefined> {
    const sql = `SELECT ${HEAD_COLUMNS} FROM chain_heads WHERE org_id = $1`;
    return (await query<ChainHead>(executor, sql, [orgId]))[0];
  }
}
