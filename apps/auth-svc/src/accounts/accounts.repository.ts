import { Injectable } from '@nestjs/common';
import type { Role } from '@oneclaw/caller';
import { execute, query, type Executor } from '@oneclaw/database';
import type { ProfileChange } from './profile-change.js';
import { MFA_ENABLED } from '../mfa/mfa-enabled.js';
import type { Account, Profile, User } from './user.entity.js';

const INSERT_USER = `
  INSERT INTO users (id, email, email_canonical, password_hash, display_name, auth_method) VALUES ($1, $2, $3, $4, $5, $6)`;

const INSERT_ORG_OF = 'INSERT INTO orgs (id, name) SELECT $1, coalesce(display_name, email) FROM users WHERE id = $2';

const ACCOUNTS = `
  SELECT u.id, u.email, u.email_verified AS "emailVerified", u.password_hash AS "passwordHash",
         u.credential_epoch AS "credentialEpoch", m.org_id AS "orgId", m.role, ${MFA_ENABLED} AS "mfaEnabled"
    FROM users u JOIN memberships m ON m.user_id = u.id`;

/** $1 the org, $2 the user. */
const IS_MEMBER = 'EXISTS (SELECT FROM memberships WHERE org_id = $1 AND user_id = $2)';

const FIND_PROFILE = `
  SELECT u.id, u.email, u.display_name AS "displayName", u.auth_method AS "authMethod", m.org_id AS "orgId", m.role,
         u.email_verified AS "emailVerified", u.marketing_emails AS "marketingEmails", u.created_at AS "createdAt",
         ${MFA_ENABLED} AS "totpEnabled"
    FROM users u JOIN memberships m ON m.user_id = u.id
   WHERE m.org_id = $1 AND u.id = $2`;

const UPDATE_PROFILE = `
  UPDATE users SET display_name = CASE WHEN $3 THEN $4 ELSE display_name END, marketing_emails = coalesce($5, marketing_emails)
   WHERE id = $2 AND ${IS_MEMBER}`;

/** Users, orgs and who belongs to which. */
@Injectable()
export class AccountsRepository {
  /** Named after the user. */
  async insertOrgOf(executor: Executor, orgId: string, userId: string): Promise<void> {
    await execute(executor, INSERT_ORG_OF, [orgId, userId]);
  }

  /** Violates users_email_canonical_key where the address is in use. */
  async insertUser(executor: Executor, user: User): Promise<void> {
    const { id, email, emailCanonical, passwordHash, displayName, authMethod } = user;
    await execute(executor, INSERT_USER, [id, email, emailCanonical, passwordHash, displayName, authMethod]);
  }

  async insertMembership(executor: Executor, orgId: string, userId: string, role: Role): Promise<void> {
    await execute(executor, 'INSERT INTO memberships (org_id, user_id, role) VALUES ($1, $2, $3)', [
      orgId,
      userId,
      role,
    ]);
  }

  /** Without an org: an address is what a login begins with. */
  async findByEmail(executor: Executor, emailCanonical: string): Promise<Account | undefined> {
    const [account] = await query<Account>(executor, `${ACCOUNTS} WHERE u.email_canonical = $1`, [emailCanonical]);
    return account;
  }

  /** Without an org: of somebody who has just proven who they are. */
  async findById(executor: Executor, userId: string): Promise<Account | undefined> {
    const [account] = await query<Account>(executor, `${ACCOUNTS} WHERE u.id = $1`, [userId]);
    return account;
  }

  /** Answers whether it was not verified until now. */
  async markVerified(executor: Executor, orgId: string, userId: string): Promise<boolean> {
    const text = `UPDATE users SET email_verified = true WHERE id = $2 AND NOT email_verified AND ${IS_MEMBER}`;
    return (await execute(executor, text, [orgId, userId])) === 1;
  }

  async findProfile(executor: Executor, orgId: string, userId: string): Promise<Profile | undefined> {
    const [profile] = await query<Profile>(executor, FIND_PROFILE, [orgId, userId]);
    return profile;
  }

  async updateProfile(executor: Executor, orgId: string, userId: string, change: ProfileChange): Promise<void> {
    const { displayName, marketingEmails } = change;
    const values = [orgId, userId, displayName !== undefined, displayName ?? null, marketingEmails ?? null];
    await execute(executor, UPDATE_PROFILE, values);
  }

  /** Unless the password was changed meanwhile. */
  async replaceHash(
    executor: Executor,
    orgId: string,
    userId: string,
    oldHash: string,
    newHash: string,
  ): Promise<void> {
    await execute(
      executor,
      `UPDATE users SET password_hash = $4 WHERE id = $2 AND password_hash = $3 AND ${IS_MEMBER}`,
      [orgId, userId, oldHash, newHash],
    );
  }

  async isMember(executor: Executor, orgId: string, userId: string): Promise<boolean> {
    return (
      (await query(executor, 'SELECT FROM memberships WHERE org_id = $1 AND user_id = $2', [orgId, userId])).length > 0
    );
  }
}
