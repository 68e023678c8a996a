/** Bodies of the contract, as far as tests look into them; their exact shapes are in shapes.ts. */

export interface Token {
  access_token: string;
  token_type: string;
  expires_in: number;
}

export interface KeyOnlyToken extends Token {
  agent_id: string;
  vault_ids: string[];
}

/** A login, with MFA on or off. */
export interface Login extends Token {
  mfa_required?: true;
  mfa_token?: string;
}

export interface ApiKey {
  id: string;
  name: string;
  key_prefix: string;
  scopes: string[];
  is_active: boolean;
  created_at: string;
  expires_at?: string | null;
  last_used_at?: string | null;
}

export interface ApiKeyCreated {
  key: ApiKey;
  api_key: string;
}

export interface MfaSetup {
  otpauth_uri: string;
  secret: string;
  qr_code: string;
}

export interface Signup extends Token {
  message: string;
  email: string;
}

export interface Profile {
  id: string;
  email: string;
  display_name?: string | null;
  auth_method: string;
  role: string;
  email_verified: boolean;
  marketing_emails: boolean;
  totp_enabled: boolean;
  created_at: string;
  org_id: string;
}

export interface Member {
  id: string;
  email: string;
  display_name?: string | null;
  role: string;
  auth_method: string;
  created_at: string;
}

export interface Invitation {
  id: string;
  email: string;
  role: string;
  invited_by: string;
  created_at: string;
  expires_at: string;
}

export interface Chain {
  id: string;
  name: string;
  display_name: string;
  chain_id: number;
  rpc_url?: string | null;
  ws_url?: string | null;
  explorer_url?: string | null;
  native_currency: string;
  is_testnet: boolean;
  is_enabled: boolean;
  is_rpc_public: boolean;
  created_at: string;
  updated_at: string;
}

export interface Setting {
  key: string;
  value: string;
  updated_by?: string | null;
  updated_at: string;
}

export interface AdminUser {
  id: string;
  email: string;
  display_name?: string | null;
  role: string;
  auth_method: string;
  org_id: string;
  org_name: string;
  billing_tier: string;
  created_at: string;
  free_tier_override?: number | null;
  is_sponsored: boolean;
  current_month_requests: number;
}

export interface OrgLimits {
  org_id: string;
  free_tier_override?: number | null;
  is_sponsored: boolean;
}

export interface IpRule {
  id: string;
  org_id: string;
  rule_type: string;
  cidr: string;
  label?: string | null;
  applies_to: string;
  created_by: string;
  created_at: string;
}

export interface Vault {
  id: string;
  name: string;
  description?: string | null;
  created_by: string;
  created_by_type: string;
  created_at: string;
  cmek_enabled: boolean;
  cmek_fingerprint?: string | null;
}

export interface SecretMetadata {
  id: string;
  path: string;
  type: string;
  version: number;
  metadata: Record<string, unknown>;
  created_at: string;
  expires_at?: string | null;
}

export interface Secret extends SecretMetadata {
  value: string;
  created_by: string;
}

/** One of `?versions=true`. */
export interface SecretVersion extends SecretMetadata {
  created_by: string;
  state: string;
  max_access_count?: number | null;
  access_count: number;
}

export interface SecretVersions {
  versions: SecretVersion[];
  next_cursor?: string | null;
}

export interface SecretList {
  secrets: SecretMetadata[];
  next_cursor?: string | null;
}

export interface Policy {
  id: string;
  vault_id: string;
  secret_path_pattern: string;
  principal_type: string;
  principal_id: string;
  permissions: string[];
  conditions: Record<string, unknown>;
  expires_at?: string | null;
  created_by: string;
  created_by_type: string;
}

export interface Explanation {
  allowed: boolean;
  layer: string;
  reason: string;
  detail: string;
  policy_id?: string;
  at: string;
  policies: {
    policy_id: string;
    secret_path_pattern: string;
    allows: boolean;
    mismatches: { check: string; detail: string }[];
  }[];
  policies_omitted: number;
  notes: string[];
}

export interface Agent {
  id: string;
  name: string;
  description?: string | null;
  auth_method: string;
  scopes: string[];
  is_active: boolean;
  intents_api_enabled: boolean;
  tx_to_allowlist: string[];
  tx_max_value_eth?: string | null;
  tx_daily_limit_eth?: string | null;
  tx_allowed_chains: string[];
  token_ttl_seconds?: number | null;
  vault_ids: string[];
  client_cert_fingerprint?: string | null;
  oidc_issuer?: string | null;
  oidc_client_id?: string | null;
  ssh_public_key: string;
  ecdh_public_key: string;
  shroud_enabled: boolean;
  shroud_config?: Record<string, unknown> | null;
  created_at: string;
  expires_at?: string | null;
  last_active_at?: string | null;
}

export interface AgentCreated {
  agent: Agent;
  api_key?: string;
}

export interface AuditEvent {
  id: string;
  org_id: string;
  actor_type: string;
  actor_id: string;
  action: string;
  resource_type: string;
  resource_id?: string | null;
  details: Record<string, unknown>;
  ip_address?: string | null;
  request_id?: string | null;
  created_at: string;
  prev_event_id?: string | null;
  integrity_hash: string;
}

export interface AuditPage {
  events: AuditEvent[];
  count: number;
  next_cursor?: string | null;
}

export interface KekRotation {
  id: string;
  vault_id: string;
  status: 'running' | 'completed' | 'failed';
  total_versions: number;
  rewrapped: number;
  damaged: number;
  created_at: string;
  completed_at?: string | null;
}

export interface UsageSummary {
  billing_tier: string;
  free_tier_limit: number | null;
  current_month: { total_requests: number; paid_requests: number; free_requests: number; total_cost_usd: string };
}

export interface UsageHistory {
  events: {
    id: string;
    principal_type: string;
    principal_id: string;
    method: string;
    endpoint: string;
    status_code: number;
    price_usd: string;
    is_paid: boolean;
    created_at: string;
  }[];
  next_cursor?: string;
}

export interface CmekJob {
  id: string;
  vault_id: string;
  old_fingerprint?: string;
  new_fingerprint?: string;
  status: 'pending' | 'running' | 'completed' | 'failed';
  total_secrets: number;
  processed: number;
  error?: string | null;
  started_at?: string | null;
  completed_at?: string | null;
  created_at: string;
}
