import { execute, query, type Executor } from '@oneclaw/database';
import type { Family } from '../families.js';

/** How far a producer's events are committed here. */
export interface Progress {
  producer: string;
  contiguousThrough: number;
  highestSeen: number;
  missing: { first: number; last: number }[];
}

export interface DeadLetter {
  subject: string;
  seq: number | undefined;
  payload: Uint8Array;
  reason: string;
}

interface Row {
  producer: string;
  contiguousThrough: number;
  highestSeen: number;
  missing: [number, number][] | null;
}

const PROGRESS = `
  producer,
  coalesce((SELECT upper(r) - 1 FROM unnest(seen) r WHERE lower(r) = 1), 0) AS "contiguousThrough",
  coalesce(upper(seen) - 1, 0) AS "highestSeen",
  (SELECT json_agg(json_build_array(lower(gap), upper(gap) - 1)) FROM (
    SELECT gap FROM unnest(int8multirange(int8range(1, upper(seen))) - seen) gap WHERE NOT isempty(seen) ORDER BY gap LIMIT 1000
  ) gaps) AS missing`;

const MARK_SEEN = `
  INSERT INTO consumed_producer AS c (family, producer, seen)
  SELECT $1, producer, range_agg(int8range(first, last, '[]'))
  FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS batch (producer, first, last)
  GROUP BY producer ORDER BY producer
  ON CONFLICT (family, producer) DO UPDATE SET seen = c.seen + excluded.seen
  RETURNING ${PROGRESS}`;

const FIND = `SELECT ${PROGRESS} FROM consumed_producer WHERE family = $1 AND producer = $2`;

const BURY = `
  INSERT INTO dead_letter (family, subject, seq, payload, reason)
  SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bytea[], $5::text[])`;

/** What a consumer has committed, in its own database. */
export class ConsumedRepository {
  constructor(private readonly family: Family) {}

  /** In the transaction of the effects, last: its row locks are held shortest so. */
  async markSeen(
    executor: Executor,
    batches: readonly { producer: string; first: number; last: number }[],
  ): Promise<Progress[]> {
    const columns = [
      batches.map((each) => each.producer),
      batches.map((each) => each.first),
      batches.map((each) => each.last),
    ];
    const rows = await query<Row>(executor, MARK_SEEN, [this.family, ...columns], { prepare: 'consumer-mark' });
    return rows.map(toProgress);
  }

  /** Nothing is seen of a producer that was never heard of. */
  async find(executor: Executor, producer: string): Promise<Progress> {
    const [row] = await query<Row>(executor, FIND, [this.family, producer]);
    return row ? toProgress(row) : { producer, contiguousThrough: 0, highestSeen: 0, missing: [] };
  }

  async bury(executor: Executor, letters: readonly DeadLetter[]): Promise<void> {
    const columns = [
      letters.map((each) => each.subject),
      letters.map((each) => each.seq ?? null),
      letters.map((each) => each.payload),
      letters.map((each) => each.reason),
    ];
    await execute(executor, BURY, [this.family, ...columns]);
  }
}

function toProgress({ missing, ...row }: Row): Progress {
  return { ...row, missing: (missing ?? []).map(([first, last]) => ({ first, last })) };
}
