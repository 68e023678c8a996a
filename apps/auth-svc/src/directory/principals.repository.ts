import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';

/** What is on record about a principal, beyond who it is. */
export interface PrincipalRecord {
  /** An agent's; null for users. */
  scopes: string[] | null;
  vaultIds: string[] | null;
  intentsEnabled: boolean | null;
  /** Of the user, or of whoever registered the agent and is still in the org. */
  email: string | null;
}

const USER = `
  SELECT NULL AS scopes, NULL AS "vaultIds", NULL AS "intentsEnabled", u.email
    FROM memberships m JOIN users u ON u.id = m.user_id
   WHERE m.org_id = $1 AND m.user_id = $2`;

const AGENT = `
  SELECT a.scopes, a.vault_ids AS "vaultIds", a.intents_api_enabled AS "intentsEnabled", u.email
    FROM agents a
    LEFT JOIN memberships m ON m.org_id = a.org_id AND m.user_id = a.created_by
    LEFT JOIN users u ON u.id = m.user_id
   WHERE a.org_id = $1 AND a.id = $2
     AND a.is_active AND coalesce(least(a.expires_at, a.unused_until) > clock_timestamp(), true)`;

@Injectable()
export class PrincipalsRepository {
  /** A member of the org. */
  async findUser(executor: Executor, orgId: string, userId: string): Promise<PrincipalRecord | undefined> {
    const [record] = await query<PrincipalRecord>(executor, USER, [orgId, userId]);
    return record;
  }

  /** Not where it is deactivated or expired. */
  async findAgent(executor: Executor, orgId: string, agentId: string): Promise<PrincipalRecord | undefined> {
    const [record] = await query<PrincipalRecord>(executor, AGENT, [orgId, agentId]);
    return record;
  }
}
