import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

/** What a person logs in with, and is called by. */
export interface Credentials {
  email: string;
  emailCanonical: string;
  displayName: string | null;
  /** Null for an account that has none. */
  passwordHash: string | null;
}

const FIND = `
  SELECT u.email, u.email_canonical AS "emailCanonical", u.display_name AS "displayName", u.password_hash AS "passwordHash"
    FROM users u JOIN memberships m ON m.user_id = u.id
   WHERE m.org_id = $1 AND u.id = $2`;

const REPLACE = `
  UPDATE users SET password_hash = $4, credential_epoch = credential_epoch + 1
   WHERE id = $2 AND password_hash IS NOT DISTINCT FROM $3
     AND EXISTS (SELECT FROM memberships WHERE org_id = $1 AND user_id = $2)
  RETURNING credential_epoch AS epoch`;

@Injectable()
export class CredentialsRepository {
  async find(executor: Executor, orgId: string, userId: string): Promise<Credentials | undefined> {
    const [credentials] = await query<Credentials>(executor, FIND, [orgId, userId]);
    return credentials;
  }

  /** All of the user's, and devices that are approved and not fetched. Keys are not sessions. */
  async voidSessions(executor: Executor, userId: string): Promise<void> {
    await execute(executor, 'UPDATE users SET credential_epoch = credential_epoch + 1 WHERE id = $1', [userId]);
  }

  /** Voids all sessions of the user. The new epoch; `undefined` where the password is not the old one any more. */
  async replacePassword(
    executor: Executor,
    orgId: string,
    userId: string,
    oldHash: string | null,
    newHash: string,
  ): Promise<number | undefined> {
    const [row] = await query<{ epoch: number }>(executor, REPLACE, [orgId, userId, oldHash, newHash]);
    return row?.epoch;
  }
}
