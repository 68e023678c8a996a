import { execute, query, transaction } from '@oneclaw/database';
import type { DataSource, EntityManager } from 'typeorm';
import type { Family } from '../families.js';
import { packBatches, type Batch, type NewBatch, type PendingEvent } from './batcher.js';

const BATCH_COLUMNS = 'family, first_seq AS "firstSeq", last_seq AS "lastSeq", first_id AS "firstId", message, resends';

/** How long a relay may take to publish what it claimed. Another that publishes it too does no harm: the message ids are the same. */
const CLAIM = "interval '8 seconds'";

const LOCK_COUNTERS = 'SELECT family, next_seq AS "nextSeq" FROM outbox_counter ORDER BY family FOR UPDATE SKIP LOCKED';

/** Ordered, as TAKE is, so that no plan scans a table that is empty in truth and by old statistics large. */
const FIND_PENDING = 'SELECT id FROM outbox WHERE id >= $1 ORDER BY id LIMIT 1';

/** By ctid, for the same reason. Only of families whose counters are locked. */
const TAKE = `
  DELETE FROM outbox WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM outbox WHERE id >= $1 AND family = ANY ($3::text[]) ORDER BY id LIMIT $2))
  RETURNING id, family, payload, created_at AS "createdAt"`;

/** One statement each: a value of its own travels as binary, one in an array as hex, which costs Postgres three times as much. */
const INSERT_BATCH = `
  INSERT INTO outbox_batch (family, first_seq, last_seq, first_id, message, oldest_at, claimed_until)
  VALUES ($1, $2, $3, $4, $5, $6, now() + CASE WHEN $7 THEN ${CLAIM} ELSE interval '0' END)`;

const ADVANCE_COUNTERS = `
  UPDATE outbox_counter SET next_seq = advance.next_seq
  FROM unnest($1::text[], $2::bigint[]) AS advance (family, next_seq) WHERE outbox_counter.family = advance.family`;

const CLAIM_UNPUBLISHED = `
  UPDATE outbox_batch SET claimed_until = now() + ${CLAIM}
  WHERE (family, first_seq) IN (
    SELECT family, first_seq FROM outbox_batch WHERE published_at IS NULL AND claimed_until < now()
    ORDER BY claimed_until LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING ${BATCH_COLUMNS}`;

const MARK_PUBLISHED = `
  UPDATE outbox_batch SET published_at = now(), stream_seq = published.stream_seq
  FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS published (family, first_seq, stream_seq)
  WHERE outbox_batch.family = published.family AND outbox_batch.first_seq = published.first_seq`;

const RELEASE = `
  UPDATE outbox_batch SET claimed_until = now()
  WHERE published_at IS NULL AND (family, first_seq) IN (SELECT * FROM unnest($1::text[], $2::bigint[]))`;

interface Counter {
  family: Family;
  nextSeq: number;
}

/** A row of `outbox` is in `outbox` or in exactly one batch, and a number is given once: both follow from one transaction. */
export class OutboxRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly producer: string,
  ) {}

  /**
   * Moves up to `limit` events with ids from `fromId` on into numbered batches. They are claimed for the caller if it is
   * going to publish them now. The counters' row locks admit one relay at a time; a second one finds nothing to do.
   */
  async takeBatches(fromId: string, limit: number, claim: boolean): Promise<{ taken: number; batches: NewBatch[] }> {
    const pending = await query(this.dataSource, FIND_PENDING, [fromId], { prepare: 'outbox-pending' });
    if (pending.length === 0) return { taken: 0, batches: [] };
    return transaction(this.dataSource, async (manager) => {
      const counters = await query<Counter>(manager, LOCK_COUNTERS, [], { prepare: 'outbox-lock' });
      const families = counters.map((counter) => counter.family);
      const events = await query<PendingEvent>(manager, TAKE, [fromId, limit, families], { prepare: 'outbox-take' });
      const batches = this.pack(counters, events);
      if (batches.length > 0) await this.insert(manager, batches, claim);
      return { taken: events.length, batches };
    });
  }

  /** Batches that nobody is publishing: after a crash, an outage, or a loss. */
  async claimUnpublished(limit: number): Promise<Batch[]> {
    return query<Batch>(this.dataSource, CLAIM_UNPUBLISHED, [limit], { prepare: 'outbox-claim' });
  }

  async markPublished(published: readonly { batch: Batch; streamSeq: number }[]): Promise<void> {
    const columns = [...keysOf(published.map(({ batch }) => batch)), published.map(({ streamSeq }) => streamSeq)];
    await execute(this.dataSource, MARK_PUBLISHED, columns, { prepare: 'outbox-published' });
  }

  /** Gives claims up, so that the next attempt does not wait for them to expire. */
  async release(batches: readonly Batch[]): Promise<void> {
    await execute(this.dataSource, RELEASE, keysOf(batches));
  }

  private pack(counters: readonly Counter[], events: readonly PendingEvent[]): NewBatch[] {
    const ordered = events.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return counters.flatMap(({ family, nextSeq }) => {
      const own = ordered.filter((event) => event.family === family);
      return packBatches(this.producer, family, nextSeq, own);
    });
  }

  private async insert(manager: EntityManager, batches: readonly NewBatch[], claim: boolean): Promise<void> {
    for (const { family, firstSeq, lastSeq, firstId, message, oldestAt } of batches) {
      const values = [family, firstSeq, lastSeq, firstId, message, oldestAt, claim];
      await execute(manager, INSERT_BATCH, values, { prepare: 'outbox-batch' });
    }
    const next = new Map(batches.map((batch) => [batch.family, batch.lastSeq + 1]));
    await execute(manager, ADVANCE_COUNTERS, [[...next.keys()], [...next.values()]], { prepare: 'outbox-advance' });
  }
}

/** The primary key as two arrays. */
function keysOf(batches: readonly Batch[]): [string[], number[]] {
  return [batches.map((batch) => batch.family), batches.map((batch) => batch.firstSeq)];
}
