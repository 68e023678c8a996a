import { execute, query, type Executor } from '../query.js';
import type { KekTable } from './root-key-schema.js';

/** A wrapped KEK as it is stored. */
export interface StoredKek {
  kekId: string;
  wrapped: Buffer;
  rootGeneration: number;
}

/** Of a generation that is older than one we know, nothing is made known: it may have been retired. */
const ADMIT = `
  INSERT INTO root_keys (generation) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM root_keys WHERE generation >= $1)
  ON CONFLICT DO NOTHING`;

/** The foreign key refuses it while a KEK is under one of them. */
const RETIRE = 'DELETE FROM root_keys WHERE generation < $1';

/** Generations of the HSM's root key, and the KEKs of one table that are wrapped by them. */
export class RootKeysRepository {
  private readonly page: string;
  private readonly store: string;
  private readonly count: string;

  constructor(table: KekTable) {
    this.page = `
      SELECT id AS "kekId", wrapped, root_generation AS "rootGeneration" FROM ${table}
      WHERE ($1::uuid IS NULL OR id > $1) AND wrapped IS NOT NULL ORDER BY id LIMIT $2`;
    this.store = `
      UPDATE ${table} SET wrapped = new.wrapped, root_generation = new.root_generation
      FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::int[]) AS new (id, old_wrapped, wrapped, root_generation)
      WHERE ${table}.id = new.id AND ${table}.wrapped = new.old_wrapped`;
    this.count = `SELECT count(*) AS "count" FROM ${table} WHERE root_generation < $1`;
  }

  /**
   * Before a KEK is stored: lets its generation be named, where it is newer than all that are known. That of a retired root key is
   * not, and the foreign key refuses the KEK.
   */
  async admit(executor: Executor, generation: number): Promise<void> {
    await execute(executor, ADMIT, [generation]);
  }

  /** KEKs in the order of their ids, after one of them. */
  async findAfter(executor: Executor, kekId: string | null, limit: number): Promise<StoredKek[]> {
    return await query<StoredKek>(executor, this.page, [kekId, limit]);
  }

  /** Only where nobody has changed them meanwhile; answers how many it changed. */
  async replace(executor: Executor, pairs: readonly { was: StoredKek; becomes: StoredKek }[]): Promise<number> {
    const columns = [
      pairs.map(({ was }) => was.kekId),
      pairs.map(({ was }) => was.wrapped),
      pairs.map(({ becomes }) => becomes.wrapped),
      pairs.map(({ becomes }) => becomes.rootGeneration),
    ];
    return await execute(executor, this.store, columns);
  }

  /** KEKs under older root keys. */
  async countOlder(executor: Executor, generation: number): Promise<number> {
    const [row] = await query<{ count: number }>(executor, this.count, [generation]);
    return row!.count;
  }

  /** Nothing comes under older root keys any more. Throws the violation of a foreign key where a KEK is under one. */
  async retireOlder(executor: Executor, generation: number): Promise<void> {
    await execute(executor, RETIRE, [generation]);
  }
}
