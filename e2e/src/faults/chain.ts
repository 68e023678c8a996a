import { createHash } from 'node:crypto';
import type { Stack } from '@oneclaw/stack';
import { asSuperuser } from './database.js';

/** An event as it lies in audit-svc's database. */
export interface StoredEvent {
  orgId: string;
  position: number;
  id: string;
  prevEventId: string | null;
  actorType: string;
  actorId: string;
  action: string;
  resourceType: string;
  resourceId: string;
  /** JSON. */
  details: string;
  ipAddress: string;
  requestId: string;
  createdAtMicros: number;
  /** Hex. */
  integrityHash: string;
}

export interface Chain {
  orgId: string;
  /** By position. */
  events: StoredEvent[];
  head: { position: number; eventId: string | null; integrityHash: string };
}

const GENESIS = '00'.repeat(32);

/*
 * A verifier written from docs/audit-chain.md alone: the product's own cannot vouch for the product.
 */

/** Hex. */
export function hashOf(event: Omit<StoredEvent, 'integrityHash'>, previous: string): string {
  const hash = createHash('sha256').update('oneclaw/audit-event/v1\0').update(Buffer.from(previous, 'hex'));
  const field = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  const uuid = (value: string | null): void => field(Buffer.from((value ?? '').replaceAll('-', ''), 'hex'));
  const int64 = (value: number): void => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(value));
    field(bytes);
  };
  uuid(event.orgId);
  int64(event.position);
  uuid(event.id);
  uuid(event.prevEventId);
  for (const text of [event.actorType, event.actorId, event.action, event.resourceType]) field(Buffer.from(text));
  for (const text of [event.resourceId, event.details, event.ipAddress, event.requestId]) field(Buffer.from(text));
  int64(event.createdAtMicros);
  return hash.digest('hex');
}

/** What is wrong with an org's chain; nothing is the answer hoped for. */
export function faultsOf({ orgId, events, head }: Chain): string[] {
  const faults: string[] = [];
  let end: Chain['head'] = { position: 0, eventId: null, integrityHash: GENESIS };
  for (const event of events) {
    const where = `org ${orgId}, event ${event.id} at ${event.position}`;
    if (event.position !== end.position + 1) faults.push(`${where}: follows position ${end.position}`);
    if (event.prevEventId !== end.eventId) faults.push(`${where}: does not name the event before it`);
    if (event.integrityHash !== hashOf(event, end.integrityHash)) faults.push(`${where}: has another hash`);
    end = { position: event.position, eventId: event.id, integrityHash: event.integrityHash };
  }
  if (JSON.stringify(head) !== JSON.stringify(end)) faults.push(`org ${orgId}: the head is not the last event`);
  return faults;
}

const EVENTS = `
  SELECT org_id AS "orgId", position::int, id, prev_event_id AS "prevEventId", actor_type AS "actorType",
    actor_id AS "actorId", action, resource_type AS "resourceType", resource_id AS "resourceId", details,
    ip_address AS "ipAddress", request_id AS "requestId",
    (extract(epoch FROM created_at) * 1000000)::bigint::text AS micros, encode(integrity_hash, 'hex') AS "integrityHash"
  FROM events WHERE org_id = $1 ORDER BY position`;
const HEAD = `
  SELECT position::int, event_id AS "eventId", encode(integrity_hash, 'hex') AS "integrityHash"
  FROM chain_heads WHERE org_id = $1`;

/** The chains of some orgs as audit-svc has them. */
export function chainsOf(stack: Stack, orgIds: readonly string[]): Promise<Chain[]> {
  return asSuperuser(stack, 'audit-svc', async (client) => {
    const chains: Chain[] = [];
    for (const orgId of orgIds) {
      const { rows } = await client.query<StoredEvent & { micros: string }>(EVENTS, [orgId]);
      const heads = await client.query<Chain['head']>(HEAD, [orgId]);
      const events = rows.map(({ micros, ...event }) => ({ ...event, createdAtMicros: Number(micros) }));
      const head = heads.rows[0] ?? { position: 0, eventId: null, integrityHash: GENESIS };
      chains.push({ orgId, events, head });
    }
    return chains;
  });
}
