import { execute, query, type Executor } from '../query.js';
import type { Counter } from './sliding-window.js';

export interface StoredCounter extends Counter {
  key: Buffer;
  succeededAt: number | null;
  /** The database's clock, once all rows were locked. */
  now: number;
}

const MS = (time: string) => `(extract(epoch FROM ${time}) * 1000)::float8`;

/** Locks in the order of the keys, so that attempts with several keys never wait for each other in a circle. */
const LOCK = `
  INSERT INTO throttles AS t (key) SELECT unnest($1::bytea[]) ORDER BY 1
  ON CONFLICT (key) DO UPDATE SET used_at = clock_timestamp()
  RETURNING key, failures, pending, ${MS('succeeded_at')} AS "succeededAt", ${MS('clock_timestamp()')} AS now`;

const STORE = `
  UPDATE throttles t SET failures = array(SELECT jsonb_array_elements(n.failures)::float8),
                         pending = array(SELECT jsonb_array_elements(n.pending)::float8),
                         succeeded_at = to_timestamp(n.succeeded_at / 1000)
    FROM unnest($1::bytea[], $2::jsonb[], $3::jsonb[], $4::float8[]) AS n (key, failures, pending, succeeded_at)
   WHERE t.key = n.key`;

/** What no window and nobody's good name needs any more. */
const PRUNE = `
  DELETE FROM throttles WHERE used_at < clock_timestamp() - interval '2 hours'
     AND (succeeded_at IS NULL OR succeeded_at < clock_timestamp() - interval '8 days')`;

/** Failed attempts by key. Keys are hashes of what they count for; they know no orgs. */
export class ThrottlesRepository {
  /** Needs a transaction. In the order of the keys given, which must differ. */
  async lock(executor: Executor, keys: readonly Buffer[]): Promise<StoredCounter[]> {
    const rows = await query<StoredCounter>(executor, LOCK, [keys], { prepare: 'lock-throttles' });
    const byKey = new Map(rows.map((row) => [row.key.toString('hex'), row]));
    return keys.map((key) => byKey.get(key.toString('hex')) as StoredCounter);
  }

  /** Counters that this transaction has locked. */
  async store(executor: Executor, counters: readonly Omit<StoredCounter, 'now'>[]): Promise<void> {
    const columns = [
      counters.map(({ key }) => key),
      counters.map(({ failures }) => JSON.stringify(failures)),
      counters.map(({ pending }) => JSON.stringify(pending)),
      counters.map(({ succeededAt }) => succeededAt),
    ];
    await execute(executor, STORE, columns, { prepare: 'store-throttles' });
  }

  async prune(executor: Executor): Promise<void> {
    await execute(executor, PRUNE);
  }
}
