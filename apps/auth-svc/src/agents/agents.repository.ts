import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import { inLivingOrg } from '../orgs/living-org.js';
import type { ChangedAgent } from './agent-change.js';
import type { Agent, NewAgent, NewIdentityKeys, StoredKey } from './agent.entity.js';

/** Column to property, for reading and writing. */
const SETTINGS = {
  name: 'name',
  description: 'description',
  auth_method: 'authMethod',
  scopes: 'scopes',
  vault_ids: 'vaultIds',
  expires_at: 'expiresAt',
  intents_api_enabled: 'intentsApiEnabled',
  tx_to_allowlist: 'txToAllowlist',
  tx_max_value_eth: 'txMaxValueEth',
  tx_daily_limit_eth: 'txDailyLimitEth',
  tx_allowed_chains: 'txAllowedChains',
  token_ttl_seconds: 'tokenTtlSeconds',
  client_cert_fingerprint: 'clientCertFingerprint',
  oidc_issuer: 'oidcIssuer',
  oidc_client_id: 'oidcClientId',
  shroud_enabled: 'shroudEnabled',
  shroud_config: 'shroudConfig',
} as const;

const WRITTEN = {
  id: 'id',
  org_id: 'orgId',
  created_by: 'createdBy',
  ssh_public_key: 'sshPublicKey',
  ecdh_public_key: 'ecdhPublicKey',
  ...SETTINGS,
} as const;

const READ = { ...WRITTEN, is_active: 'isActive', created_at: 'createdAt', last_active_at: 'lastActiveAt' } as const;

const columns = (expressions: Partial<Record<string, string>> = {}) =>
  Object.entries(READ)
    .map(([column, property]) => `${expressions[column] ?? column} AS "${property}"`)
    .join(', ');

/** As the agent is shown: one that enrolled itself and was never used expires sooner than it may have been told to. */
const COLUMNS = columns({ expires_at: 'least(expires_at, unused_until)' });

/** As it was told, which is what a change starts from. */
const STORED = columns();

const INSERT = `
  INSERT INTO agents (${Object.keys(WRITTEN).join(', ')}, api_key_mac, key_prefix, unused_until)
  VALUES (${Array.from({ length: Object.keys(WRITTEN).length + 3 }, (_, index) => `$${index + 1}`).join(', ')})
  RETURNING ${COLUMNS}`;

/** created_by null = whoever created it. Oldest first, after the cursor's row. */
const LIST = `
  SELECT ${COLUMNS} FROM agents
   WHERE org_id = $1
     AND ($2::uuid IS NULL OR created_by = $2)
     AND ($3::uuid IS NULL OR (created_at, id) > (SELECT created_at, id FROM agents WHERE org_id = $1 AND id = $3))
   ORDER BY created_at, id
   LIMIT $4`;

const REPLACE_KEY = `
  UPDATE agents SET api_key_mac = $3, key_prefix = $4, credential_epoch = credential_epoch + 1
   WHERE org_id = $1 AND id = $2 AND auth_method = 'api_key'
  RETURNING ${COLUMNS}`;

const UPDATE = `
  UPDATE agents SET ${Object.keys(SETTINGS)
    .map((column, index) => `${column} = $${index + 5}`)
    .join(', ')},
         is_active = $3, credential_epoch = credential_epoch + $4::int
   WHERE org_id = $1 AND id = $2
  RETURNING ${COLUMNS}`;

const REPLACE_IDENTITY_KEYS = `
  UPDATE agents SET ssh_public_key = $3, ecdh_public_key = $4, keys_generation = $5
   WHERE org_id = $1 AND id = $2 AND keys_generation < $5
  RETURNING ${COLUMNS}`;
const DEACTIVATE_ALL = `
  UPDATE agents SET is_active = false, credential_epoch = credential_epoch + 1 WHERE org_id = $1 AND is_active RETURNING id`;

const DEACTIVATE = `
  UPDATE agents SET is_active = false, credential_epoch = credential_epoch + 1 WHERE org_id = $1 AND id = $2 AND is_active`;

/** Agents of one org. Their keys are found by agent-keys.repository. */
@Injectable()
export class AgentsRepository {
  /** Throws unauthenticated where the org is gone. */
  async insert(executor: Executor, agent: NewAgent): Promise<Agent> {
    const values = Object.values(WRITTEN).map((property) => agent[property]);
    const others = [agent.key?.mac ?? null, agent.key?.prefix ?? null, agent.unusedUntil ?? null];
    const [inserted] = await inLivingOrg(query<Agent>(executor, INSERT, [...values, ...others]));
    return inserted as Agent;
  }

  async find(executor: Executor, orgId: string, agentId: string): Promise<Agent | undefined> {
    const [agent] = await query<Agent>(executor, `SELECT ${COLUMNS} FROM agents WHERE org_id = $1 AND id = $2`, [
      orgId,
      agentId,
    ]);
    return agent;
  }

  /** `limit` undefined = all. */
  async list(
    executor: Executor,
    orgId: string,
    page: { createdBy?: string; after?: string; limit?: number },
  ): Promise<Agent[]> {
    return query<Agent>(executor, LIST, [orgId, page.createdBy ?? null, page.after ?? null, page.limit ?? null]);
  }

  /** Ends the old key and every token made with it. `undefined` where there is no such agent, or none with a key. */
  async replaceKey(executor: Executor, orgId: string, agentId: string, key: StoredKey): Promise<Agent | undefined> {
    const [agent] = await query<Agent>(executor, REPLACE_KEY, [orgId, agentId, key.mac, key.prefix]);
    return agent;
  }

  /** As it is stored; nobody else changes it until the transaction ends. */
  async lock(executor: Executor, orgId: string, agentId: string): Promise<Agent | undefined> {
    const text = `SELECT ${STORED} FROM agents WHERE org_id = $1 AND id = $2 FOR NO KEY UPDATE`;
    const [agent] = await query<Agent>(executor, text, [orgId, agentId]);
    return agent;
  }

  /** Of an agent that is locked. */
  async update(executor: Executor, orgId: string, agentId: string, changed: ChangedAgent): Promise<Agent> {
    const values = Object.values(SETTINGS).map((property) => changed[property]);
    const fixed = [orgId, agentId, changed.isActive, changed.credentialsChanged ? 1 : 0];
    const [agent] = await query<Agent>(executor, UPDATE, [...fixed, ...values]);
    return agent as Agent;
  }

  /** 1 for the first pairs. */
  async keysGeneration(executor: Executor, orgId: string, agentId: string): Promise<number> {
    const text = 'SELECT keys_generation AS "generation" FROM agents WHERE org_id = $1 AND id = $2';
    const [row] = await query<{ generation: number }>(executor, text, [orgId, agentId]);
    return row?.generation ?? 1;
  }

  /** `undefined` where these, or later ones, are there already. */
  async replaceIdentityKeys(
    executor: Executor,
    orgId: string,
    agentId: string,
    { ed25519PublicKey, p256PublicKey, generation }: NewIdentityKeys,
  ): Promise<Agent | undefined> {
    const values = [orgId, agentId, ed25519PublicKey, p256PublicKey, generation];
    const [agent] = await query<Agent>(executor, REPLACE_IDENTITY_KEYS, values);
    return agent;
  }

  /** Answers whether it was active until now. */
  async deactivate(executor: Executor, orgId: string, agentId: string): Promise<boolean> {
    return (await execute(executor, DEACTIVATE, [orgId, agentId])) > 0;
  }

  /** Every one of the org; answers the ids of those that were active until now. */
  async deactivateAll(executor: Executor, orgId: string): Promise<string[]> {
    return (await query<{ id: string }>(executor, DEACTIVATE_ALL, [orgId])).map(({ id }) => id);
  }
}
