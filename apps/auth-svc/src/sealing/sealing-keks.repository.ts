import { Injectable } from '@nestjs/common';
import {
  RootKeysRepository,
  execute,
  isForeignKeyViolation,
  query,
  type Executor,
  type StoredKek,
} from '@oneclaw/database';
import { unavailable } from '@oneclaw/errors';

/** A key-encryption key of auth-svc's own, wrapped by the HSM's root key. */
export interface SealingKek {
  kekId: string;
  wrapped: Buffer;
}

const COLUMNS = 'id AS "kekId", wrapped';

const INSERT_CURRENT = `
  INSERT INTO sealing_keks (id, wrapped, root_generation) VALUES ($1, $2, $3)
  ON CONFLICT (is_current) WHERE is_current DO NOTHING`;

/** They serve all orgs: what they seal is bound to its owner. */
@Injectable()
export class SealingKeksRepository {
  constructor(private readonly rootKeys: RootKeysRepository) {}

  async findCurrent(executor: Executor): Promise<SealingKek | undefined> {
    const [kek] = await query<SealingKek>(executor, `SELECT ${COLUMNS} FROM sealing_keks WHERE is_current`);
    return kek;
  }

  async find(executor: Executor, kekId: string): Promise<SealingKek | undefined> {
    const [kek] = await query<SealingKek>(executor, `SELECT ${COLUMNS} FROM sealing_keks WHERE id = $1`, [kekId]);
    return kek;
  }

  /**
   * Does nothing where another replica was first. Throws `unavailable` where the KEK's root key has been retired since it was made.
   */
  async insertCurrent(executor: Executor, { kekId, wrapped, rootGeneration }: StoredKek): Promise<void> {
    await this.rootKeys.admit(executor, rootGeneration);
    try {
      await execute(executor, INSERT_CURRENT, [kekId, wrapped, rootGeneration]);
    } catch (error) {
      if (!isForeignKeyViolation(error, 'sealing_keks_root_generation_fkey')) throw error;
      throw unavailable('The root key of the HSM was replaced just now. Try again.', error);
    }
  }
}
