import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { CredentialStore } from '../accounts/credential-stores.js';
import { inLivingOrg } from '../orgs/living-org.js';
import type { ApiKey, ApiKeyHolder, NewApiKey } from './api-key.entity.js';

const COLUMNS = `
  id, name, key_prefix AS prefix, scopes, created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt",
  coalesce(expires_at > clock_timestamp(), true) AS "isActive"`;

const INSERT = `
  INSERT INTO personal_api_keys (id, org_id, user_id, name, scopes, expires_at, key_prefix, key_mac)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${COLUMNS}`;

/** To the minute is enough to see whether a key is in use, and costs a busy key one write a minute. */
const USE_IS_DUE = `coalesce(k.last_used_at < clock_timestamp() - interval '1 minute', true)`;

const FIND_HOLDERS = `
  SELECT k.key_mac AS mac, k.id AS "keyId", k.user_id AS id, k.org_id AS "orgId", k.scopes, k.expires_at AS "expiresAt",
         coalesce(k.expires_at <= clock_timestamp(), false) AS expired, ${USE_IS_DUE} AS "useIsDue",
         m.role, u.email, u.email_verified AS "emailVerified", u.credential_epoch AS "credentialEpoch"
    FROM personal_api_keys k
    JOIN users u ON u.id = k.user_id
    LEFT JOIN memberships m ON m.org_id = k.org_id AND m.user_id = k.user_id
   WHERE k.key_mac = ANY($1::bytea[])`;

/** Rows that somebody else is touching right now are fresh already. */
const TOUCH = `
  UPDATE personal_api_keys SET last_used_at = clock_timestamp()
   WHERE id IN (SELECT id FROM personal_api_keys k WHERE id = ANY($1::uuid[]) AND ${USE_IS_DUE} FOR NO KEY UPDATE SKIP LOCKED)`;

/** Personal API keys. Each belongs to one user in one org. */
@Injectable()
export class ApiKeysRepository implements CredentialStore {
  /** Throws unauthenticated where the org or the user is gone. */
  async insert(executor: Executor, orgId: string, userId: string, key: NewApiKey): Promise<ApiKey> {
    const { id, name, scopes, expiresAt, prefix, mac } = key;
    const values = [id, orgId, userId, name, scopes, expiresAt, prefix, mac];
    const [inserted] = await inLivingOrg(query<ApiKey>(executor, INSERT, values));
    return inserted as ApiKey;
  }

  /** Oldest first. */
  async list(executor: Executor, orgId: string, userId: string): Promise<ApiKey[]> {
    const where = 'WHERE org_id = $1 AND user_id = $2 ORDER BY created_at, id';
    return query<ApiKey>(executor, `SELECT ${COLUMNS} FROM personal_api_keys ${where}`, [orgId, userId]);
  }

  /** `undefined` where the user has no such key. */
  async delete(executor: Executor, orgId: string, userId: string, id: string): Promise<ApiKey | undefined> {
    const where = 'WHERE org_id = $1 AND user_id = $2 AND id = $3';
    const text = `DELETE FROM personal_api_keys ${where} RETURNING ${COLUMNS}`;
    const [deleted] = await query<ApiKey>(executor, text, [orgId, userId, id]);
    return deleted;
  }

  /** In whatever org. */
  async removeAll(executor: Executor, _orgId: string, userId: string): Promise<void> {
    await execute(executor, 'DELETE FROM personal_api_keys WHERE user_id = $1', [userId]);
  }

  /**
   * In the order of the MACs. Spans orgs: a key is what a request begins with. The MAC's key is in the HSM, so the index leaks
   * nothing.
   */
  async findHolders(executor: Executor, macs: readonly Buffer[]): Promise<(ApiKeyHolder | undefined)[]> {
    const rows = await query<ApiKeyHolder & { mac: Buffer }>(executor, FIND_HOLDERS, [macs], {
      prepare: 'find-api-key-holders',
    });
    const byMac = new Map(rows.map(({ mac, ...holder }) => [mac.toString('hex'), holder]));
    return macs.map((mac) => byMac.get(mac.toString('hex')));
  }

  async touch(executor: Executor, ids: readonly string[]): Promise<void> {
    await execute(executor, TOUCH, [ids], { prepare: 'touch-api-keys' });
  }
}
