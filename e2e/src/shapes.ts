import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Answer } from './answer.js';

/*
 * The shapes that carry exactly their fields, because strict clients refuse unknown ones (contract, section 1). Written
 * from the contract, apart from the OpenAPI document that the gateway serves, so that the two are checked on each other.
 */

const uuid = { type: 'string', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' };
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$' };
const text = { type: 'string', minLength: 1 };
const flag = { type: 'boolean' };
const texts = { type: 'array', items: text };
const map = { type: 'object' };
const count = { type: 'integer', minimum: 1 };
const nullableCount = { type: ['integer', 'null'], minimum: 1 };
const optional = (schema: { type: string }): object => ({ ...schema, type: [schema.type, 'null'] });
const listOf = (name: string): object => ({ type: 'array', items: { $ref: name } });

function exactly(required: Record<string, object>, extra: Record<string, object> = {}): object {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(required),
    properties: { ...required, ...extra },
  };
}

function atLeast(required: Record<string, object>, extra: Record<string, object> = {}): object {
  return { ...exactly(required, extra), additionalProperties: true };
}

const metadata = { id: uuid, path: text, type: text, version: count, metadata: map, created_at: time };
const token = { access_token: text, token_type: { const: 'Bearer' }, expires_in: count };
const apiKey = atLeast(
  { id: uuid, name: text, key_prefix: text, scopes: texts, is_active: flag, created_at: time },
  { expires_at: optional(time), last_used_at: optional(time) },
);

const member = atLeast(
  { id: uuid, email: text, role: { enum: ['owner', 'admin', 'member'] }, auth_method: text, created_at: time },
  { display_name: optional(text) },
);

const ipRule = atLeast(
  {
    id: uuid,
    org_id: uuid,
    rule_type: { enum: ['allow', 'block', 'deny'] },
    cidr: text,
    applies_to: { enum: ['all', 'users', 'agents'] },
    created_by: uuid,
    created_at: time,
  },
  { label: optional(text) },
);

const setting = atLeast({ key: text, value: { type: 'string' }, updated_at: time }, { updated_by: optional(uuid) });

const chain = atLeast(
  {
    id: uuid,
    name: text,
    display_name: text,
    chain_id: count,
    native_currency: text,
    is_testnet: flag,
    is_enabled: flag,
    created_at: time,
    updated_at: time,
  },
  { rpc_url: optional(text), ws_url: optional(text), explorer_url: optional(text) },
);

const SHAPES = {
  TokenResponse: exactly(token),
  LoginResponse: {
    anyOf: [
      exactly(token),
      exactly({
        ...token,
        mfa_required: { const: true },
        mfa_token: text,
        access_token: { const: '' },
        expires_in: { const: 300 },
      }),
    ],
  },
  ApiKey: apiKey,
  ApiKeyCreated: atLeast({ key: apiKey, api_key: { type: 'string', pattern: '^1ck_[A-Za-z0-9_-]{43}$' } }),
  ApiKeyList: atLeast({ keys: listOf('ApiKey') }),
  MfaSetup: atLeast({
    otpauth_uri: { type: 'string', pattern: '^otpauth://totp/' },
    secret: { type: 'string', pattern: '^[A-Z2-7]{32}$' },
    qr_code: { type: 'string', pattern: '^data:image/png;base64,' },
  }),
  RecoveryCodes: atLeast({ recovery_codes: { ...texts, minItems: 8, maxItems: 8, uniqueItems: true } }),
  KeyOnlyTokenResponse: exactly({ ...token, agent_id: uuid, vault_ids: { type: 'array', items: uuid } }),
  AgentResponse: exactly(
    {
      id: uuid,
      name: text,
      auth_method: { enum: ['api_key', 'mtls', 'oidc_client_credentials'] },
      scopes: texts,
      is_active: flag,
      intents_api_enabled: flag,
      tx_to_allowlist: texts,
      tx_allowed_chains: texts,
      vault_ids: { type: 'array', items: uuid },
      ssh_public_key: text,
      ecdh_public_key: text,
      shroud_enabled: flag,
      created_at: time,
    },
    {
      description: optional({ type: 'string' }),
      tx_max_value_eth: optional(text),
      tx_daily_limit_eth: optional(text),
      token_ttl_seconds: optional(count),
      client_cert_fingerprint: optional(text),
      oidc_issuer: optional(text),
      oidc_client_id: optional(text),
      shroud_config: optional(map),
      expires_at: optional(time),
      last_active_at: optional(time),
    },
  ),
  AgentCreatedResponse: exactly({ agent: { $ref: 'AgentResponse' } }, { api_key: text }),
  AgentList: atLeast({ agents: listOf('AgentResponse') }),
  AgentSelf: atLeast({
    id: uuid,
    name: text,
    org_id: uuid,
    scopes: texts,
    is_active: flag,
    created_by: uuid,
    created_at: time,
  }),
  VaultResponse: exactly(
    {
      id: uuid,
      name: text,
      created_by: text,
      created_by_type: { enum: ['user', 'system'] },
      created_at: time,
      cmek_enabled: flag,
    },
    { description: optional({ type: 'string' }), cmek_fingerprint: optional(text) },
  ),
  VaultList: atLeast({ vaults: listOf('VaultResponse') }),
  CmekRotationJobResponse: exactly(
    {
      id: uuid,
      vault_id: uuid,
      status: { enum: ['pending', 'running', 'completed', 'failed'] },
      total_secrets: { type: 'integer', minimum: 0 },
      processed: { type: 'integer', minimum: 0 },
      created_at: time,
    },
    {
      old_fingerprint: optional(text),
      new_fingerprint: optional(text),
      error: optional(text),
      started_at: optional(time),
      completed_at: optional(time),
    },
  ),
  SecretResponse: exactly(
    { ...metadata, value: { type: 'string' }, created_by: { type: 'string', pattern: '^(user|agent):' } },
    { expires_at: optional(time), cmek_encrypted: flag },
  ),
  SecretMetadataResponse: exactly(metadata, { expires_at: optional(time) }),
  SecretList: atLeast({ secrets: listOf('SecretMetadataResponse') }, { next_cursor: optional(text) }),
  PolicyResponse: exactly(
    {
      id: uuid,
      vault_id: uuid,
      secret_path_pattern: text,
      principal_type: { enum: ['user', 'agent'] },
      principal_id: uuid,
      permissions: { ...texts, minItems: 1 },
      conditions: map,
      created_by: uuid,
      created_by_type: text,
      created_at: time,
    },
    { expires_at: optional(time) },
  ),
  PolicyList: atLeast({ policies: listOf('PolicyResponse') }),
  JwtPublicKey: exactly({ alg: { const: 'EdDSA' }, public_key_base64: text }),
  Signup: atLeast({ ...token, message: text, email: text }),
  DeviceCode: atLeast({
    device_code: text,
    user_code: text,
    verification_uri: text,
    verification_uri_complete: text,
    expires_in: count,
    interval: count,
  }),
  DeviceCodeStatus: atLeast({
    user_code: text,
    client_id: text,
    status: { enum: ['pending', 'approved', 'denied', 'expired'] },
    expires_at: time,
  }),
  DeviceToken: {
    oneOf: [
      exactly({ ...token, email: text, user_id: uuid, org_id: uuid }),
      exactly({ error: { enum: ['authorization_pending', 'slow_down', 'access_denied', 'expired_token'] } }),
    ],
  },
  Profile: atLeast(
    {
      id: uuid,
      email: text,
      auth_method: text,
      role: text,
      email_verified: flag,
      marketing_emails: flag,
      totp_enabled: flag,
      created_at: time,
      org_id: uuid,
    },
    { display_name: optional(text) },
  ),
  OrgMember: member,
  OrgMembers: atLeast({ members: listOf('OrgMember') }, { next_cursor: optional(text) }),
  Invited: atLeast({ message: text, email: text }),
  IpRule: ipRule,
  IpRules: atLeast({ rules: listOf('IpRule') }),
  Chain: chain,
  Chains: atLeast({ chains: listOf('Chain') }),
  Setting: setting,
  Settings: atLeast({ settings: listOf('Setting') }),
  AdminUsers: atLeast({
    users: {
      type: 'array',
      items: atLeast(
        {
          id: uuid,
          email: text,
          role: text,
          auth_method: text,
          org_id: uuid,
          org_name: text,
          billing_tier: text,
          created_at: time,
          is_sponsored: flag,
          current_month_requests: { type: 'integer', minimum: 0 },
        },
        { display_name: optional(text), free_tier_override: optional({ type: 'integer' }) },
      ),
    },
    total: { type: 'integer', minimum: 0 },
  }),
  OrgLimits: atLeast({ org_id: uuid, is_sponsored: flag }, { free_tier_override: optional({ type: 'integer' }) }),
  Enrolled: exactly({ agent_id: uuid, message: text }),
  ShareResponse: atLeast(
    { id: uuid, share_url: text, recipient_type: text, expires_at: time, max_access_count: nullableCount },
    { recipient_email: optional(text) },
  ),
  SharedSecret: atLeast({
    id: uuid,
    path: text,
    type: text,
    value: { type: 'string' },
    access_count: count,
    max_access_count: nullableCount,
  }),
  ShareListItem: atLeast(
    {
      id: uuid,
      secret_path: text,
      recipient_type: { enum: ['creator', 'user', 'agent', 'external_email', 'anyone_with_link'] },
      access_count: { type: 'integer', minimum: 0 },
      max_access_count: nullableCount,
      expires_at: time,
      created_at: time,
      is_expired: flag,
      is_accepted: flag,
    },
    { recipient_email: optional(text) },
  ),
  ShareList: atLeast({ shares: listOf('ShareListItem') }, { next_cursor: optional(text) }),
  AuditEvent: atLeast(
    {
      id: uuid,
      org_id: uuid,
      actor_type: text,
      actor_id: text,
      action: text,
      resource_type: text,
      details: map,
      created_at: time,
      integrity_hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    },
    {
      prev_event_id: optional(uuid),
      resource_id: optional(text),
      ip_address: optional(text),
      request_id: optional(text),
    },
  ),
  AuditEvents: atLeast({ events: listOf('AuditEvent'), count: { type: 'integer' } }, { next_cursor: optional(text) }),
};

export type ShapeName = keyof typeof SHAPES;

const ROUTES: [method: string, path: RegExp, status: number, shape: ShapeName][] = [
  ['POST', /^\/v1\/auth\/signup$/, 200, 'Signup'],
  ['POST', /^\/v1\/auth\/token$/, 200, 'LoginResponse'],
  ['POST', /^\/v1\/auth\/google$/, 200, 'LoginResponse'],
  ['POST', /^\/v1\/auth\/api-key-token$/, 200, 'TokenResponse'],
  ['POST', /^\/v1\/auth\/api-keys$/, 201, 'ApiKeyCreated'],
  ['GET', /^\/v1\/auth\/api-keys$/, 200, 'ApiKeyList'],
  ['POST', /^\/v1\/auth\/mfa\/setup$/, 200, 'MfaSetup'],
  ['POST', /^\/v1\/auth\/mfa\/verify-setup$/, 200, 'RecoveryCodes'],
  ['POST', /^\/v1\/auth\/mfa\/verify$/, 200, 'TokenResponse'],
  ['POST', /^\/v1\/auth\/verify-email$/, 200, 'TokenResponse'],
  ['POST', /^\/v1\/auth\/device\/code$/, 200, 'DeviceCode'],
  ['GET', /^\/v1\/auth\/device\/code\/[^/]+$/, 200, 'DeviceCodeStatus'],
  ['POST', /^\/v1\/auth\/device\/token$/, 200, 'DeviceToken'],
  ['GET', /^\/v1\/auth\/me$/, 200, 'Profile'],
  ['PATCH', /^\/v1\/auth\/me$/, 200, 'Profile'],
  ['GET', /^\/v1\/auth\/jwt-public-key$/, 200, 'JwtPublicKey'],
  ['POST', /^\/v1\/agents$/, 201, 'AgentCreatedResponse'],
  ['GET', /^\/v1\/agents$/, 200, 'AgentList'],
  ['GET', /^\/v1\/agents\/me$/, 200, 'AgentSelf'],
  ['GET', /^\/v1\/agents\/(?!me$)[^/]+$/, 200, 'AgentResponse'],
  ['PATCH', /^\/v1\/agents\/[^/]+$/, 200, 'AgentResponse'],
  ['POST', /^\/v1\/agents\/[^/]+\/rotate-key$/, 200, 'AgentCreatedResponse'],
  ['POST', /^\/v1\/agents\/[^/]+\/rotate-identity-keys$/, 200, 'AgentResponse'],
  ['POST', /^\/v1\/agents\/enroll$/, 201, 'Enrolled'],
  ['POST', /^\/v1\/vaults$/, 201, 'VaultResponse'],
  ['GET', /^\/v1\/vaults$/, 200, 'VaultList'],
  ['GET', /^\/v1\/vaults\/[^/]+$/, 200, 'VaultResponse'],
  ['POST', /^\/v1\/vaults\/[^/]+\/cmek$/, 200, 'VaultResponse'],
  ['DELETE', /^\/v1\/vaults\/[^/]+\/cmek$/, 200, 'VaultResponse'],
  ['POST', /^\/v1\/vaults\/[^/]+\/cmek-rotate$/, 202, 'CmekRotationJobResponse'],
  ['GET', /^\/v1\/vaults\/[^/]+\/cmek-rotate\/[^/]+$/, 200, 'CmekRotationJobResponse'],
  ['GET', /^\/v1\/vaults\/[^/]+\/secrets$/, 200, 'SecretList'],
  ['GET', /^\/v1\/vaults\/[^/]+\/secrets\/[^?]+$/, 200, 'SecretResponse'],
  ['POST', /^\/v1\/vaults\/[^/]+\/restore$/, 200, 'SecretMetadataResponse'],
  ['PUT', /^\/v1\/vaults\/[^/]+\/secrets\/.+$/, 201, 'SecretMetadataResponse'],
  ['POST', /^\/v1\/vaults\/[^/]+\/policies$/, 201, 'PolicyResponse'],
  ['GET', /^\/v1\/vaults\/[^/]+\/policies$/, 200, 'PolicyList'],
  ['PUT', /^\/v1\/vaults\/[^/]+\/policies\/[^/]+$/, 200, 'PolicyResponse'],
  ['GET', /^\/v1\/org\/members$/, 200, 'OrgMembers'],
  ['PATCH', /^\/v1\/org\/members\/[^/]+$/, 200, 'OrgMember'],
  ['POST', /^\/v1\/org\/invite$/, 200, 'Invited'],
  ['POST', /^\/v1\/security\/ip-rules$/, 201, 'IpRule'],
  ['GET', /^\/v1\/security\/ip-rules$/, 200, 'IpRules'],
  ['POST', /^\/v1\/secrets\/[^/]+\/share$/, 201, 'ShareResponse'],
  ['GET', /^\/v1\/share\/[^/]+$/, 200, 'SharedSecret'],
  ['GET', /^\/v1\/shares\/(?:in|out)bound$/, 200, 'ShareList'],
  ['GET', /^\/v1\/(admin\/)?chains$/, 200, 'Chains'],
  ['GET', /^\/v1\/chains\/[^/]+$/, 200, 'Chain'],
  ['POST', /^\/v1\/admin\/chains$/, 201, 'Chain'],
  ['PUT', /^\/v1\/admin\/chains\/[^/]+$/, 200, 'Chain'],
  ['GET', /^\/v1\/admin\/settings$/, 200, 'Settings'],
  ['PUT', /^\/v1\/admin\/settings\/[^/]+$/, 200, 'Setting'],
  ['GET', /^\/v1\/admin\/users$/, 200, 'AdminUsers'],
  ['GET', /^\/v1\/admin\/orgs\/[^/]+\/limits$/, 200, 'OrgLimits'],
  ['PUT', /^\/v1\/admin\/orgs\/[^/]+\/limits$/, 200, 'OrgLimits'],
  ['GET', /^\/v1\/audit\/events$/, 200, 'AuditEvents'],
];

const ajv = new Ajv2020({ strict: false, allErrors: true });
for (const [name, schema] of Object.entries(SHAPES)) ajv.addSchema(schema, name);

/** Throws where a success does not have the shape that the contract gives to its route. */
export function checkShape(method: string, pathname: string, answer: Answer): void {
  const route = ROUTES.find(
    ([verb, path, status]) => verb === method && status === answer.status && path.test(pathname),
  );
  if (!route) return;
  const wrong = departures(route[3], answer.json);
  if (wrong !== undefined)
    throw new Error(
      `${answer.request} (${answer.status}) is not a ${route[3]}: ${wrong}\n${answer.text.slice(0, 800)}`,
    );
}

/** What sets a value apart from a shape, or undefined. */
export function departures(shape: ShapeName, value: unknown): string | undefined {
  const validate = ajv.getSchema(shape) as ValidateFunction;
  return validate(value) ? undefined : ajv.errorsText(validate.errors);
}
