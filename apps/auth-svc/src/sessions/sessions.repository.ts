import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { Session, SessionState } from './session.entity.js';

const INSERT = `
  INSERT INTO sessions (id, kind, principal_type, principal_id, org_id, credential_epoch, expires_at, api_key_id)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::int[], $7::timestamptz[], $8::uuid[])`;

const FIND_STATES = `
  SELECT s.id, s.kind, s.principal_type AS "principalType", s.principal_id AS "principalId", s.org_id AS "orgId",
         s.revoked_at IS NOT NULL AS revoked,
         s.credential_epoch = coalesce(u.credential_epoch, a.credential_epoch) AS "credentialsUnchanged",
         m.role, u.email, u.email_verified AS "emailVerified", registrar.user_id AS "registeredBy",
         a.is_active AS "agentActive", coalesce(a.expires_at <= clock_timestamp(), false) AS "agentExpired", a.expires_at AS "agentExpiresAt",
         k.id IS NOT NULL AND coalesce(k.expires_at > clock_timestamp(), true) AS "keyUsable",
         coalesce(a.scopes, k.scopes) AS scopes, a.vault_ids AS "vaultIds", a.intents_api_enabled AS "intentsEnabled"
    FROM sessions s
    LEFT JOIN users u ON s.principal_type = 'user' AND u.id = s.principal_id
    LEFT JOIN memberships m ON m.org_id = s.org_id AND m.user_id = u.id
    LEFT JOIN agents a ON s.principal_type = 'agent' AND a.id = s.principal_id AND a.org_id = s.org_id
    LEFT JOIN memberships registrar ON registrar.org_id = a.org_id AND registrar.user_id = a.created_by
    LEFT JOIN personal_api_keys k ON k.id = s.api_key_id AND k.user_id = s.principal_id AND k.org_id = s.org_id
   WHERE s.id = ANY($1::uuid[])`;

const REVOKE = `UPDATE sessions SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL`;

/** Expired tokens are refused by their own `exp`: their sessions may go. */
const PRUNE = `
  DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at < clock_timestamp() - interval '5 minutes' LIMIT $1 FOR UPDATE SKIP LOCKED)`;

/** Sessions by their id: it comes from a verified token, whose org it carries. */
@Injectable()
export class SessionsRepository {
  async insert(executor: Executor, sessions: readonly Session[]): Promise<void> {
    const columns = [
      sessions.map((session) => session.id),
      sessions.map((session) => session.kind),
      sessions.map((session) => session.principalType),
      sessions.map((session) => session.principalId),
      sessions.map((session) => session.orgId),
      sessions.map((session) => session.credentialEpoch),
      sessions.map((session) => session.expiresAt),
      sessions.map((session) => session.apiKeyId ?? null),
    ];
    await execute(executor, INSERT, columns, { prepare: 'insert-sessions' });
  }

  /** By id; unknown ones are absent. */
  async findStates(executor: Executor, ids: readonly string[]): Promise<Map<string, SessionState>> {
    if (ids.length === 0) return new Map();
    const states = await query<SessionState>(executor, FIND_STATES, [ids], { prepare: 'find-session-states' });
    return new Map(states.map((state) => [state.id, state]));
  }

  /** Answers whether it lived until now. */
  async revoke(executor: Executor, id: string): Promise<boolean> {
    return (await execute(executor, REVOKE, [id])) > 0;
  }

  /** Keeps a session alive whose principal's credentials have just changed; one that was void before stays so. */
  async moveToEpoch(executor: Executor, id: string, epoch: number): Promise<void> {
    const text = 'UPDATE sessions SET credential_epoch = $2 WHERE id = $1 AND credential_epoch = $2 - 1';
    await execute(executor, text, [id, epoch]);
  }

  /** Answers how many went. Replicas may prune at once. */
  async prune(executor: Executor, limit: number): Promise<number> {
    return execute(executor, PRUNE, [limit]);
  }
}
