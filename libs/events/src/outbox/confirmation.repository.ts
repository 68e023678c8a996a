import type { Confirmation } from '@oneclaw/contracts/events';
import { execute, query } from '@oneclaw/database';
import type { DataSource } from 'typeorm';
import type { Family } from '../families.js';

const PRUNE = `
  DELETE FROM outbox_batch WHERE family = $1 AND last_seq <= $2
    AND NOT int8range(first_seq, last_seq, '[]') && $3::int8multirange`;

/** Unseen by the consumer, and gone from the stream: it is to be published again. */
const RETURN_LOST = `
  UPDATE outbox_batch SET published_at = NULL, stream_seq = NULL, claimed_until = now(), resends = resends + 1
  WHERE family = $1 AND published_at < now() - $6 * interval '1 millisecond'
    AND (stream_seq <= $2 OR stream_seq > $3)
    AND int8range(first_seq, last_seq, '[]') && ($4::int8multirange + int8multirange(int8range($5, NULL, '()')))`;

const OLDEST = `
  SELECT family, coalesce(
    (SELECT published_at < now() - $1 * interval '1 millisecond' FROM outbox_batch b WHERE b.family = f.family ORDER BY first_seq LIMIT 1),
    false) AS stuck
  FROM outbox_counter f`;

const LAG = `
  SELECT coalesce(extract(epoch FROM now() - least(
    (SELECT created_at FROM outbox WHERE family = $1 ORDER BY id LIMIT 1),
    (SELECT oldest_at FROM outbox_batch WHERE family = $1 ORDER BY first_seq LIMIT 1))), 0)::float8 AS lag`;

const NEXT_SEQ = 'SELECT next_seq AS "nextSeq" FROM outbox_counter WHERE family = $1';
const SKIP_TO = 'UPDATE outbox_counter SET next_seq = $2 WHERE family = $1 AND next_seq < $2';

/** What a consumer has committed: everything up to `through` but what is missing. */
export interface Seen {
  through: number;
  missing: readonly { first: number; last: number }[];
}

/** A confirmation lists so many gaps; beyond the last of a full list it says nothing. */
const MOST_GAPS = 1000;

export function seenOf({ highestSeen, missing }: Confirmation): Seen {
  const through = missing.length < MOST_GAPS ? highestSeen : missing.at(-1)!.last;
  return { through, missing };
}

/** The producer's side of reconciliation. Every statement is idempotent, so that each replica may run it on each confirmation. */
export class ConfirmationRepository {
  /** Published less than `settlingMs` ago, a message may still be on its way to the stream or to the consumer. */
  constructor(
    private readonly dataSource: DataSource,
    private readonly settlingMs: number,
  ) {}

  /** Forgets what every consumer has: everything up to the least `through` that none of them misses. */
  async prune(family: Family, seen: readonly Seen[]): Promise<void> {
    const through = Math.min(...seen.map((each) => each.through));
    const missing = multirange(seen.flatMap((each) => each.missing));
    await execute(this.dataSource, PRUNE, [family, through, missing], { prepare: 'outbox-prune' });
  }

  /** How many batches are to be sent again. */
  async returnLost(family: Family, confirmation: Confirmation): Promise<number> {
    const { stream } = confirmation;
    if (!stream) return 0;
    const { missing, through } = seenOf(confirmation);
    const values = [family, stream.settledThrough, stream.lastSeq, multirange(missing), through, this.settlingMs];
    return execute(this.dataSource, RETURN_LOST, values);
  }

  /** Families whose oldest batch was published a while ago and is still here. */
  async stuckFamilies(): Promise<Family[]> {
    const rows = await query<{ family: Family; stuck: boolean }>(this.dataSource, OLDEST, [this.settlingMs / 2], {
      prepare: 'outbox-stuck',
    });
    return rows.filter((row) => row.stuck).map((row) => row.family);
  }

  /** Age in seconds of the oldest event that is not confirmed; 0 when there is none. */
  async lagSeconds(family: Family): Promise<number> {
    const [row] = await query<{ lag: number }>(this.dataSource, LAG, [family], { prepare: 'outbox-lag' });
    return row?.lag ?? 0;
  }

  /**
   * Makes sure that new numbers are above what a consumer has seen, and answers whether that needed a correction: it does
   * after this database was restored from a backup.
   */
  async skipSeen(family: Family, highestSeen: number): Promise<boolean> {
    const [row] = await query<{ nextSeq: number }>(this.dataSource, NEXT_SEQ, [family], { prepare: 'outbox-next-seq' });
    if (!row || row.nextSeq > highestSeen) return false;
    return (await execute(this.dataSource, SKIP_TO, [family, highestSeen + 1])) > 0;
  }
}

function multirange(ranges: readonly { first: number; last: number }[]): string {
  return `{${ranges.map(({ first, last }) => `[${first},${last}]`).join(',')}}`;
}
