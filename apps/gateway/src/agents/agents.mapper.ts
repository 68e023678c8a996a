import type { Agent, CreateAgentRequest, UpdateAgentRequest } from '@oneclaw/contracts/auth';
import type { InputOf } from '../api/operation.js';
import { instantOf, objectFrom, optionalInstant, orAbsent, present } from '../api/wire.js';
import type { createAgent, updateAgent } from './agents.operations.js';
import type { AgentResponse, AgentSelfResponse } from './agents.schemas.js';

export function toAgentResponse(found: Agent | undefined): AgentResponse {
  const agent = present(found, 'the agent');
  return {
    id: agent.id,
    name: agent.name,
    description: orAbsent(agent.description),
    auth_method: agent.authMethod as AgentResponse['auth_method'],
    scopes: agent.scopes,
    is_active: agent.isActive,
    intents_api_enabled: agent.intentsApiEnabled,
    tx_to_allowlist: agent.txToAllowlist,
    tx_max_value_eth: orAbsent(agent.txMaxValueEth),
    tx_daily_limit_eth: orAbsent(agent.txDailyLimitEth),
    tx_allowed_chains: agent.txAllowedChains,
    token_ttl_seconds: agent.tokenTtlSeconds,
    vault_ids: agent.vaultIds,
    client_cert_fingerprint: orAbsent(agent.clientCertFingerprint),
    oidc_issuer: orAbsent(agent.oidcIssuer),
    oidc_client_id: orAbsent(agent.oidcClientId),
    ssh_public_key: orAbsent(agent.sshPublicKey.toString('base64')),
    ecdh_public_key: orAbsent(agent.ecdhPublicKey.toString('base64')),
    shroud_enabled: agent.shroudEnabled,
    shroud_config: agent.shroudConfigJson === undefined ? undefined : objectFrom(agent.shroudConfigJson),
    created_at: instantOf(agent.createdAt),
    expires_at: optionalInstant(agent.expiresAt),
    last_active_at: optionalInstant(agent.lastActiveAt),
  };
}

export function toAgentSelfResponse(found: Agent | undefined): AgentSelfResponse {
  const agent = present(found, 'the agent');
  return { ...toAgentResponse(agent), org_id: agent.orgId, created_by: agent.createdBy };
}

type CreateBody = InputOf<typeof createAgent>['body'];
/** What both bodies say, in one shape. */
type SettingsBody = Partial<{ [K in keyof CreateBody]: CreateBody[K] | null }>;

export function toCreateRequest({ body }: InputOf<typeof createAgent>): CreateAgentRequest {
  return toSettings(body);
}

/** Names what the body gives; what it clears has no value. */
export function toUpdateRequest({ params, body }: InputOf<typeof updateAgent>): UpdateAgentRequest {
  const { is_active: isActive, ...settings } = body;
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return {
    agentId: params.agent_id,
    fields: given.map(([name]) => name),
    settings: toSettings(settings),
    isActive,
  };
}

function toSettings(body: SettingsBody): CreateAgentRequest {
  return {
    name: body.name ?? '',
    description: body.description ?? undefined,
    authMethod: body.auth_method ?? '',
    scopes: body.scopes ?? [],
    expiresAt: body.expires_at ?? undefined,
    intentsApiEnabled: body.intents_api_enabled ?? false,
    txToAllowlist: body.tx_to_allowlist ?? [],
    txMaxValueEth: body.tx_max_value_eth ?? undefined,
    txDailyLimitEth: body.tx_daily_limit_eth ?? undefined,
    txAllowedChains: body.tx_allowed_chains ?? [],
    tokenTtlSeconds: body.token_ttl_seconds ?? undefined,
    vaultIds: body.vault_ids ?? [],
    clientCertFingerprint: body.client_cert_fingerprint ?? undefined,
    oidcIssuer: body.oidc_issuer ?? undefined,
    oidcClientId: body.oidc_client_id ?? undefined,
    shroudEnabled: body.shroud_enabled ?? false,
    shroudConfigJson: body.shroud_config ? JSON.stringify(body.shroud_config) : undefined,
  };
}
