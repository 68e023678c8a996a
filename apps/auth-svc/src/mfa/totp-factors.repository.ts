import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { CredentialStore } from '../accounts/credential-stores.js';
import type { SealedValue } from '../sealing/sealer.js';

/** A user's authenticator. */
export interface TotpFactor {
  userId: string;
  /** Another one for each setup. */
  setupId: string;
  sealed: SealedValue;
}

interface Row extends SealedValue {
  userId: string;
  setupId: string;
}

const FIND = `
  SELECT user_id AS "userId", setup_id AS "setupId", kek_id AS "kekId", wrapped_dek AS "wrappedDek", sealed_secret AS "sealedValue"
    FROM totp_factors WHERE user_id = $1`;

/** Does nothing where MFA is on. */
const BEGIN = `
  INSERT INTO totp_factors AS f (user_id, setup_id, kek_id, wrapped_dek, sealed_secret) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (user_id) DO UPDATE
     SET setup_id = excluded.setup_id, kek_id = excluded.kek_id, wrapped_dek = excluded.wrapped_dek, sealed_secret = excluded.sealed_secret
   WHERE f.enabled_at IS NULL`;

const ENABLE = `
  UPDATE totp_factors SET enabled_at = clock_timestamp(), last_step = $3 WHERE user_id = $1 AND setup_id = $2 AND enabled_at IS NULL`;

/** Of parallel uses of one step, or of an older one afterwards, only one finds it newer than the last. */
const USE_STEP =
  'UPDATE totp_factors SET last_step = $2 WHERE user_id = $1 AND enabled_at IS NOT NULL AND last_step < $2';

/** Authenticators, at most one per user. They belong to users, in whatever org. */
@Injectable()
export class TotpFactorsRepository implements CredentialStore {
  async findEnabled(executor: Executor, userId: string): Promise<TotpFactor | undefined> {
    return this.find(executor, userId, 'enabled_at IS NOT NULL');
  }

  /** Of a setup that is not finished. */
  async findPending(executor: Executor, userId: string): Promise<TotpFactor | undefined> {
    return this.find(executor, userId, 'enabled_at IS NULL');
  }

  /** In place of an unfinished setup. Answers false where MFA is on. */
  async begin(executor: Executor, { userId, setupId, sealed }: TotpFactor): Promise<boolean> {
    const values = [userId, setupId, sealed.kekId, sealed.wrappedDek, sealed.sealedValue];
    return (await execute(executor, BEGIN, values)) === 1;
  }

  /** Answers false where that setup is over: finished, or replaced by another. */
  async enable(executor: Executor, userId: string, setupId: string, step: number): Promise<boolean> {
    return (await execute(executor, ENABLE, [userId, setupId, step])) === 1;
  }

  /** Answers whether the step was new. */
  async useStep(executor: Executor, userId: string, step: number): Promise<boolean> {
    return (await execute(executor, USE_STEP, [userId, step])) === 1;
  }

  /** With its recovery codes. Answers whether there was one that was on. */
  async delete(executor: Executor, userId: string): Promise<boolean> {
    const text = 'DELETE FROM totp_factors WHERE user_id = $1 AND enabled_at IS NOT NULL';
    return (await execute(executor, text, [userId])) === 1;
  }

  /** Unfinished setups too. */
  async removeAll(executor: Executor, _orgId: string, userId: string): Promise<void> {
    await execute(executor, 'DELETE FROM totp_factors WHERE user_id = $1', [userId]);
  }

  private async find(executor: Executor, userId: string, state: string): Promise<TotpFactor | undefined> {
    const [row] = await query<Row>(executor, `${FIND} AND ${state}`, [userId]);
    if (!row) return undefined;
    const { setupId, ...sealed } = row;
    return {
      userId,
      setupId,
      sealed: { kekId: sealed.kekId, wrappedDek: sealed.wrappedDek, sealedValue: sealed.sealedValue },
    };
  }
}
