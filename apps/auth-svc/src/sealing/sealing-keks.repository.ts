import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

/** A key-encryption key of auth-svc's own, wrapped by the HSM's root key. */
export interface SealingKek {
  kekId: string;
  wrapped: Buffer;
}

const COLUMNS = 'id AS "kekId", wrapped';

/** They serve all orgs: what they seal is bound to its owner. */
@Injectable()
export class SealingKeksRepository {
  async findCurrent(executor: Executor): Promise<SealingKek | undefined> {
    const [kek] = await query<SealingKek>(executor, `SELECT ${COLUMNS} FROM sealing_keks WHERE is_current`);
    return kek;
  }

  async find(executor: Executor, kekId: string): Promise<SealingKek | undefined> {
    const [kek] = await query<SealingKek>(executor, `SELECT ${COLUMNS} FROM sealing_keks WHERE id = $1`, [kekId]);
    return kek;
  }

  /** Does nothing where another replica was first. */
  async insertCurrent(executor: Executor, { kekId, wrapped }: SealingKek): Promise<void> {
    await execute(
      executor,
      'INSERT INTO sealing_keks (id, wrapped) VALUES ($1, $2) ON CONFLICT (is_current) WHERE is_current DO NOTHING',
      [kekId, wrapped],
    );
  }
}
