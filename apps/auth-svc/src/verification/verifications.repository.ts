import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

const FIND = `SELECT user_id AS "userId" FROM email_verifications WHERE token_hash = $1 AND expires_at > clock_timestamp()`;

/** Of the parallel uses of one token, one finds it there. */
const CONSUME = `DELETE FROM email_verifications WHERE token_hash = $1 AND expires_at > clock_timestamp() RETURNING user_id`;

/** Tokens that prove addresses. Whoever holds one is nobody in particular yet, so the look-ups know no org. */
@Injectable()
export class VerificationsRepository {
  async insert(executor: Executor, userId: string, tokenHash: Buffer, lifetimeMs: number): Promise<void> {
    await execute(
      executor,
      `INSERT INTO email_verifications (token_hash, user_id, expires_at)
       VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')`,
      [tokenHash, userId, lifetimeMs],
    );
  }

  async findUser(executor: Executor, tokenHash: Buffer): Promise<string | undefined> {
    const [row] = await query<{ userId: string }>(executor, FIND, [tokenHash]);
    return row?.userId;
  }

  /** False where the token is not there any more. */
  async consume(executor: Executor, tokenHash: Buffer): Promise<boolean> {
    return (await execute(executor, CONSUME, [tokenHash])) === 1;
  }

  async deleteOf(executor: Executor, userId: string): Promise<void> {
    await execute(executor, 'DELETE FROM email_verifications WHERE user_id = $1', [userId]);
  }

  async hasOne(executor: Executor, userId: string): Promise<boolean> {
    const live = 'SELECT FROM email_verifications WHERE user_id = $1 AND expires_at > clock_timestamp() LIMIT 1';
    return (await query(executor, live, [userId])).length > 0;
  }

  async prune(executor: Executor): Promise<void> {
    await execute(executor, 'DELETE FROM email_verifications WHERE expires_at < clock_timestamp()');
  }
}
