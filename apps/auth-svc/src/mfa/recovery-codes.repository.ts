import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

export interface StoredRecoveryCode {
  selector: string;
  /** argon2id PHC string. */
  hash: string;
}

const INSERT =
  'INSERT INTO mfa_recovery_codes (user_id, selector, code_hash) SELECT $1, * FROM unnest($2::text[], $3::text[])';
const FIND =
  'SELECT code_hash AS hash FROM mfa_recovery_codes WHERE user_id = $1 AND selector = $2 AND used_at IS NULL';
const USE = `
  UPDATE mfa_recovery_codes SET used_at = clock_timestamp() WHERE user_id = $1 AND selector = $2 AND used_at IS NULL`;

/** Recovery codes of users whose MFA is on; they go with it. */
@Injectable()
export class RecoveryCodesRepository {
  async insert(executor: Executor, userId: string, codes: readonly StoredRecoveryCode[]): Promise<void> {
    await execute(executor, INSERT, [userId, codes.map(({ selector }) => selector), codes.map(({ hash }) => hash)]);
  }

  /** The hash of a code that was not used yet. */
  async findHash(executor: Executor, userId: string, selector: string): Promise<string | undefined> {
    const [row] = await query<{ hash: string }>(executor, FIND, [userId, selector]);
    return row?.hash;
  }

  /** Answers whether it was not used until now. */
  async use(executor: Executor, userId: string, selector: string): Promise<boolean> {
    return (await execute(executor, USE, [userId, selector])) === 1;
  }
}
