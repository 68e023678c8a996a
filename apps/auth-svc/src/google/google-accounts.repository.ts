import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { Role } from '@oneclaw/caller';
import { MFA_ENABLED } from '../mfa/mfa-enabled.js';

/** What a Google login needs to know about an account. */
export interface GoogleAccount {
  id: string;
  email: string;
  emailVerified: boolean;
  googleSub: string | null;
  credentialEpoch: number;
  orgId: string;
  role: Role;
  mfaEnabled: boolean;
}

const SELECT = `
  SELECT u.id, u.email, u.email_verified AS "emailVerified", u.google_sub AS "googleSub",
         u.credential_epoch AS "credentialEpoch", m.org_id AS "orgId", m.role, ${MFA_ENABLED} AS "mfaEnabled"
    FROM users u JOIN memberships m ON m.user_id = u.id`;

const LINK = `
  UPDATE users SET google_sub = $3 WHERE id = $2 AND email_verified AND google_sub IS NULL
     AND EXISTS (SELECT FROM memberships WHERE org_id = $1 AND user_id = $2)`;

const TAKE_OVER = `
  UPDATE users SET google_sub = $3, auth_method = 'google', password_hash = NULL, display_name = $4,
                   credential_epoch = credential_epoch + 1
   WHERE id = $2 AND NOT email_verified AND google_sub IS NULL AND credential_epoch = $5
     AND EXISTS (SELECT FROM memberships WHERE org_id = $1 AND user_id = $2)`;

/** Accounts as Google's subjects find them; who logs in belongs to no org yet. */
@Injectable()
export class GoogleAccountsRepository {
  async findBySub(executor: Executor, sub: string): Promise<GoogleAccount | undefined> {
    const [account] = await query<GoogleAccount>(executor, `${SELECT} WHERE u.google_sub = $1`, [sub]);
    return account;
  }

  async findByEmail(executor: Executor, emailCanonical: string): Promise<GoogleAccount | undefined> {
    const [account] = await query<GoogleAccount>(executor, `${SELECT} WHERE u.email_canonical = $1`, [emailCanonical]);
    return account;
  }

  /** False where the account is not verified, or belongs to another subject. */
  async link(executor: Executor, orgId: string, userId: string, sub: string): Promise<boolean> {
    return (await execute(executor, LINK, [orgId, userId, sub])) === 1;
  }

  /** Removes the password, and voids all sessions. False where the account has changed since it was looked at. */
  async takeOver(
    executor: Executor,
    { orgId, id, credentialEpoch }: GoogleAccount,
    sub: string,
    displayName: string | null,
  ): Promise<boolean> {
    return (await execute(executor, TAKE_OVER, [orgId, id, sub, displayName, credentialEpoch])) === 1;
  }
}
