import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { ChainHead } from '../chain/chained-event.js';
import type { Checkpoint } from './checkpoint.js';

/** An end of a chain that no checkpoint vouches for. */
export interface UncheckedHead {
  head: ChainHead;
  /** Whether the last event is the one that the head names. */
  headStored: boolean;
  /** The newest checkpoint of the chain by a key that there is, if it has one. */
  newest: Checkpoint | undefined;
  /** The hash that the event at the newest checkpoint's position has now; null where there is no such event. */
  storedHash: Buffer | null;
}

/** Nothing that we wrote is outside these years; what somebody else put there must not break the reading. */
const time = (column: string) =>
  `CASE WHEN ${column} BETWEEN '1970-01-01Z' AND '2250-01-01Z' THEN ${column} ELSE 'epoch' END`;

const COLUMNS = `org_id AS "orgId", position, event_id AS "eventId", integrity_hash AS "integrityHash",
  ${time('created_at')} AS "createdAt", key_id AS "keyId", signature`;

const READ = `
  SELECT ${COLUMNS} FROM checkpoints
  WHERE org_id = $1 AND position > $2 AND position <= $3 ORDER BY position, created_at`;

const NEWEST = `
  SELECT ${COLUMNS} FROM checkpoints WHERE org_id = $1 AND ($2::text[] IS NULL OR key_id = ANY ($2))
  ORDER BY position DESC, created_at DESC LIMIT 1`;

const INSERT = `
  INSERT INTO checkpoints (org_id, position, event_id, integrity_hash, created_at, key_id, signature)
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bytea[], $5::timestamptz[], $6::text[], $7::bytea[])
  ON CONFLICT DO NOTHING`;

/** Heads with what a signer has to hold against them: checkpoints by keys ($1) that there are, so that none that somebody made up hides those. */
const HEADS = `
  SELECT head.org_id AS "orgId", head.position, head.event_id AS "eventId", head.integrity_hash AS "integrityHash",
    (last.id, last.integrity_hash) IS NOT DISTINCT FROM (head.event_id, head.integrity_hash) AS "headStored",
    newest.position AS "newestPosition", newest.event_id AS "newestEventId", newest.integrity_hash AS "newestHash",
    ${time('newest.created_at')} AS "newestCreatedAt", newest.key_id AS "newestKeyId", newest.signature AS "newestSignature",
    covered.integrity_hash AS "storedHash"
  FROM chain_heads head
  LEFT JOIN LATERAL (
    SELECT * FROM checkpoints c WHERE c.org_id = head.org_id AND c.key_id = ANY ($1::text[]) ORDER BY c.position DESC, c.created_at DESC LIMIT 1
  ) newest ON true
  LEFT JOIN events last ON last.org_id = head.org_id AND last.position = head.position
  LEFT JOIN events covered ON covered.org_id = head.org_id AND covered.position = newest.position`;

/** Those that moved since their newest checkpoint, and whose newest is not too young; one from the future is not young. */
const DUE = `${HEADS}
  WHERE ($2::uuid IS NULL OR head.org_id > $2) AND head.position > 0
    AND (newest.position IS NULL
      OR newest.created_at NOT BETWEEN clock_timestamp() - make_interval(secs => $3) AND clock_timestamp())
    AND (newest.position, newest.integrity_hash) IS DISTINCT FROM (head.position, head.integrity_hash)
  ORDER BY head.org_id LIMIT $4`;

const ONE = `${HEADS} WHERE head.org_id = $2 AND head.position > 0`;

/** Any number that no other advisory lock of this database has. */
const SIGNER_LOCK = 7_205_110_401;

/** Checkpoints are inserted and read, never changed: the service's role has no right to. */
@Injectable()
export class CheckpointsRepository {
  /** Until the end of the transaction; false where another replica has it. */
  async tryLock(executor: Executor): Promise<boolean> {
    const [row] = await query<{ locked: boolean }>(executor, 'SELECT pg_try_advisory_xact_lock($1) AS locked', [
      SIGNER_LOCK,
    ]);
    return row?.locked === true;
  }

  /** Ends of chains whose turn it is, in the order of their orgs; those behind `afterOrg`, where it is given. */
  async findDue(
    executor: Executor,
    keyIds: readonly string[],
    afterOrg: string | undefined,
    minAgeSeconds: number,
    limit: number,
  ): Promise<UncheckedHead[]> {
    return (await query<Row>(executor, DUE, [keyIds, afterOrg, minAgeSeconds, limit])).map(toUncheckedHead);
  }

  async findHead(executor: Executor, keyIds: readonly string[], orgId: string): Promise<UncheckedHead | undefined> {
    return (await query<Row>(executor, ONE, [keyIds, orgId])).map(toUncheckedHead)[0];
  }

  async insert(executor: Executor, checkpoints: readonly Checkpoint[]): Promise<void> {
    await execute(executor, INSERT, [
      checkpoints.map(({ orgId }) => orgId),
      checkpoints.map(({ position }) => position),
      checkpoints.map(({ eventId }) => eventId),
      checkpoints.map(({ integrityHash }) => integrityHash),
      checkpoints.map(({ createdAt }) => createdAt),
      checkpoints.map(({ keyId }) => keyId),
      checkpoints.map(({ signature }) => signature),
    ]);
  }

  /** Those of positions from `after` on, exclusive, to `through`, inclusive, in the chain's order. */
  async read(executor: Executor, orgId: string, after: number, through: number): Promise<Checkpoint[]> {
    return query<Checkpoint>(executor, READ, [orgId, after, through]);
  }

  /** @param keyIds only one by these keys, where they are given */
  async findNewest(executor: Executor, orgId: string, keyIds?: readonly string[]): Promise<Checkpoint | undefined> {
    return (await query<Checkpoint>(executor, NEWEST, [orgId, keyIds]))[0];
  }

  /** Which keys signed those, sorted. */
  async findKeyIds(executor: Executor, orgId: string, after: number, through: number): Promise<string[]> {
    const sql = `SELECT DISTINCT key_id AS "keyId" FROM checkpoints
      WHERE org_id = $1 AND position > $2 AND position <= $3 ORDER BY key_id`;
    return (await query<{ keyId: string }>(executor, sql, [orgId, after, through])).map(({ keyId }) => keyId);
  }

  /** The clock that all replicas share, to the millisecond. */
  async now(executor: Executor): Promise<Date> {
    const [row] = await query<{ now: Date }>(executor, `SELECT date_trunc('milliseconds', clock_timestamp()) AS now`);
    return row!.now;
  }
}

interface Row extends ChainHead {
  headStored: boolean;
  newestPosition: number | null;
  newestEventId: string;
  newestHash: Buffer;
  newestCreatedAt: Date;
  newestKeyId: string;
  newestSignature: Buffer;
  storedHash: Buffer | null;
}

function toUncheckedHead(row: Row): UncheckedHead {
  const { orgId, position, eventId, integrityHash, headStored, storedHash, newestPosition } = row;
  const head = { orgId, position, eventId, integrityHash };
  if (newestPosition === null) return { head, headStored, storedHash, newest: undefined };
  const newest = {
    orgId,
    position: newestPosition,
    eventId: row.newestEventId,
    integrityHash: row.newestHash,
    createdAt: row.newestCreatedAt,
    keyId: row.newestKeyId,
    signature: row.newestSignature,
  };
  return { head, headStored, storedHash, newest };
}
