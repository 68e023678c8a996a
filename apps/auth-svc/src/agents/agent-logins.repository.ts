import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';
import type { AgentAuthMethod } from './agent.entity.js';
import type { KeyHolder } from './agent-keys.repository.js';

/** An agent and what it has to prove itself by, where that is no key. */
export interface LoginSubject extends KeyHolder {
  authMethod: AgentAuthMethod;
  clientCertFingerprint: string | null;
  oidcIssuer: string | null;
  oidcClientId: string | null;
}

const FIND = `
  SELECT id AS "agentId", org_id AS "orgId", credential_epoch AS "credentialEpoch", scopes, vault_ids AS "vaultIds",
         is_active AND coalesce(least(expires_at, unused_until) > clock_timestamp(), true) AS usable,
         unused_until IS NOT NULL AS unused,
         intents_api_enabled AS "intentsApiEnabled", token_ttl_seconds AS "tokenTtlSeconds", auth_method AS "authMethod",
         client_cert_fingerprint AS "clientCertFingerprint", oidc_issuer AS "oidcIssuer", oidc_client_id AS "oidcClientId"
    FROM agents WHERE id = $1`;

/** Spans orgs: an agent's id is what such a login begins with. */
@Injectable()
export class AgentLoginsRepository {
  async find(executor: Executor, agentId: string): Promise<LoginSubject | undefined> {
    const [subject] = await query<LoginSubject>(executor, FIND, [agentId], { prepare: 'find-login-subject' });
    return subject;
  }
}
