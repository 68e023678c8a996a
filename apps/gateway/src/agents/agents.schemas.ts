import { z } from 'zod';
import { clearable, freeText, jsonObject, optional, text, uuid, wholeNumber } from '../api/fields.js';
import { timestamp } from '../api/timestamp.js';
import { anyObject, exactAnswer, instant, looseAnswer, requestBody } from '../openapi/schemas.js';

const AUTH_METHODS = ['api_key', 'mtls', 'oidc_client_credentials'] as const;

const amount = (description: string) =>
  z
    .string()
    .regex(/^\d{1,60}(\.\d{1,18})?$/, 'must be an amount such as "0.5"')
    .meta({ description });
const texts = (max: number) => z.array(text(max)).max(1000);
const SCOPES = 'Path patterns bound what its policies grant; entries with `:` are labels. `["*"]` means no bound.';

export const createAgentRequest = requestBody('CreateAgentRequest', {
  name: text(128).meta({ examples: ['deploy-bot'] }),
  description: optional(freeText(1024)),
  auth_method: optional(z.enum(AUTH_METHODS)).meta({ description: '`api_key` when left out.' }),
  scopes: optional(texts(512)).meta({ description: SCOPES }),
  expires_at: optional(timestamp()),
  intents_api_enabled: optional(z.boolean()).meta({
    description: 'Lets it sign transactions, and keeps it from reading signing keys.',
  }),
  tx_to_allowlist: optional(texts(128)),
  tx_max_value_eth: optional(amount('The most that one transaction may carry, in native units.')),
  tx_daily_limit_eth: optional(amount('The most that it may spend in 24 hours, in native units.')),
  tx_allowed_chains: optional(texts(64)),
  token_ttl_seconds: optional(wholeNumber(120, 86_400)).meta({ description: 'Lifetime of its tokens.' }),
  vault_ids: optional(z.array(uuid()).max(1000)).meta({
    description: 'The only vaults it may touch; empty = all it is granted.',
  }),
  client_cert_fingerprint: optional(text(128)).meta({ description: 'Hex SHA-256 of its client certificate (mtls).' }),
  oidc_issuer: optional(text(2048)),
  oidc_client_id: optional(text(512)),
  shroud_enabled: optional(z.boolean()),
  shroud_config: optional(jsonObject('Kept and answered as it is.')),
});

/** `null` clears, but for what an agent must have. The way in which it authenticates is for life. */
export const updateAgentRequest = requestBody('UpdateAgentRequest', {
  name: text(128).optional(),
  description: clearable(freeText(1024)),
  is_active: optional(z.boolean()).meta({
    description: 'False ends its tokens within a second; true lets it get new ones.',
  }),
  scopes: clearable(texts(512)).meta({ description: SCOPES }),
  expires_at: clearable(timestamp()),
  intents_api_enabled: clearable(z.boolean()),
  tx_to_allowlist: clearable(texts(128)),
  tx_max_value_eth: clearable(amount('The most that one transaction may carry, in native units.')),
  tx_daily_limit_eth: clearable(amount('The most that it may spend in 24 hours, in native units.')),
  tx_allowed_chains: clearable(texts(64)),
  token_ttl_seconds: clearable(wholeNumber(120, 86_400)).meta({ description: 'Of tokens made from now on.' }),
  vault_ids: clearable(z.array(uuid()).max(1000)).meta({
    description: 'The only vaults it may touch; empty = all it is granted.',
  }),
  client_cert_fingerprint: clearable(text(128)).meta({ description: 'Another certificate ends its tokens (mtls).' }),
  oidc_issuer: clearable(text(2048)).meta({ description: 'Another issuer ends its tokens.' }),
  oidc_client_id: clearable(text(512)).meta({ description: 'Another client ends its tokens.' }),
  shroud_enabled: clearable(z.boolean()),
  shroud_config: clearable(jsonObject('Kept and answered as it is.')),
});

export const enrollAgentRequest = requestBody('EnrollAgentRequest', {
  name: text(128).meta({ examples: ['research-bot'] }),
  human_email: text(320).meta({ description: 'Who is to get the key.', examples: ['ada@example.com'] }),
  description: optional(freeText(1024)),
});

export const enrollAgentResponse = looseAnswer('EnrollAgentResponse', {
  agent_id: z.uuid(),
  message: z.string(),
});

const identityFields = {
  id: z.uuid(),
  name: z.string(),
  description: z.string().optional(),
  scopes: z.array(z.string()),
  is_active: z.boolean(),
  intents_api_enabled: z.boolean(),
  ssh_public_key: z.string().optional().meta({ description: 'Raw Ed25519 point, base64.' }),
  ecdh_public_key: z.string().optional().meta({ description: 'Uncompressed P-256 point, base64.' }),
  shroud_enabled: z.boolean(),
  shroud_config: anyObject().optional(),
  created_at: instant(),
  expires_at: instant().optional(),
  last_active_at: instant().optional(),
};

const settingsFields = {
  auth_method: z.enum(AUTH_METHODS),
  tx_to_allowlist: z.array(z.string()),
  tx_max_value_eth: z.string().optional(),
  tx_daily_limit_eth: z.string().optional(),
  tx_allowed_chains: z.array(z.string()),
  token_ttl_seconds: z.int().optional(),
  vault_ids: z.array(z.uuid()),
  client_cert_fingerprint: z.string().optional(),
  oidc_issuer: z.string().optional(),
  oidc_client_id: z.string().optional(),
};

export const agentResponse = exactAnswer('AgentResponse', { ...identityFields, ...settingsFields });

export const agentSelfResponse = looseAnswer('AgentSelfResponse', {
  ...identityFields,
  ...settingsFields,
  org_id: z.uuid(),
  created_by: z.uuid().meta({ description: 'The person who registered it.' }),
});

export const agentCreatedResponse = exactAnswer('AgentCreatedResponse', {
  agent: agentResponse,
  api_key: z.string().optional().meta({ description: 'Shown this once; absent for methods without a key.' }),
});

export const agentKeyRotatedResponse = looseAnswer('AgentKeyRotatedResponse', {
  agent: agentResponse,
  api_key: z.string().meta({ description: 'Shown this once.' }),
});

export const agentListResponse = looseAnswer('AgentListResponse', {
  agents: z.array(agentResponse),
  next_cursor: z.string().optional(),
});

export type AgentResponse = z.output<typeof agentResponse>;
export type AgentSelfResponse = z.output<typeof agentSelfResponse>;
