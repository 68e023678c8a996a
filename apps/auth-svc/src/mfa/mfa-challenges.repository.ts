import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { MfaChallenge, OpenChallenge } from './mfa-challenge.entity.js';

const MAX_TRIES = 5;

const INSERT = `
  INSERT INTO mfa_challenges (id, user_id, org_id, credential_epoch, kind, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`;

/** A try counts before its code is looked at: however many come at once, no more than five codes are. */
const TAKE_TRY = `
  UPDATE mfa_challenges c SET tries = c.tries + 1
    FROM users u, memberships m, totp_factors f
   WHERE c.id = $1 AND c.tries < ${MAX_TRIES} AND c.settled_at IS NULL AND c.expires_at > clock_timestamp()
     AND u.id = c.user_id AND u.credential_epoch = c.credential_epoch
     AND m.user_id = c.user_id AND m.org_id = c.org_id
     AND f.user_id = c.user_id AND f.enabled_at IS NOT NULL
  RETURNING c.id, c.kind, c.user_id AS "userId", c.org_id AS "orgId", m.role, u.email, u.credential_epoch AS "credentialEpoch",
            f.setup_id AS "setupId", f.kek_id AS "kekId", f.wrapped_dek AS "wrappedDek", f.sealed_secret AS "sealedValue"`;

type Row = Pick<OpenChallenge, 'id' | 'kind'> &
  Omit<OpenChallenge['user'], 'id'> &
  OpenChallenge['factor']['sealed'] & { userId: string; setupId: string };

/** Challenges by their id: it comes from a verified token. */
@Injectable()
export class MfaChallengesRepository {
  async insert(executor: Executor, challenge: MfaChallenge): Promise<void> {
    const { id, userId, orgId, credentialEpoch, kind, expiresAt } = challenge;
    await execute(executor, INSERT, [id, userId, orgId, credentialEpoch, kind, expiresAt]);
  }

  /** One of its five tries; `undefined` for a challenge that is dead. */
  async takeTry(executor: Executor, id: string): Promise<OpenChallenge | undefined> {
    const [row] = await query<Row>(executor, TAKE_TRY, [id]);
    if (!row) return undefined;
    const { kind, userId, orgId, role, email, credentialEpoch, setupId, kekId, wrappedDek, sealedValue } = row;
    return {
      id,
      kind,
      user: { id: userId, orgId, role, email, credentialEpoch },
      factor: { userId, setupId, sealed: { kekId, wrappedDek, sealedValue } },
    };
  }

  /** Of a try whose code could not be looked at. */
  async giveTryBack(executor: Executor, id: string): Promise<void> {
    await execute(executor, 'UPDATE mfa_challenges SET tries = tries - 1 WHERE id = $1', [id]);
  }

  /** It has made its session. Answers false where it had before. */
  async settle(executor: Executor, id: string): Promise<boolean> {
    const text = 'UPDATE mfa_challenges SET settled_at = clock_timestamp() WHERE id = $1 AND settled_at IS NULL';
    return (await execute(executor, text, [id])) === 1;
  }

  async prune(executor: Executor): Promise<void> {
    await execute(executor, 'DELETE FROM mfa_challenges WHERE expires_at < clock_timestamp()');
  }
}
