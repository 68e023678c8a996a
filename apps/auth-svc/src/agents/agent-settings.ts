import type { CreateAgentRequest } from '@oneclaw/contracts/auth';
import { invalid } from '@oneclaw/errors';
import type { AgentAuthMethod, AgentSettings } from './agent.entity.js';
import { AGENT_FIELDS } from './agent-fields.js';

/** What the configuration permits beyond the rules. */
export interface SettingsRules {
  /** Issuers without TLS. */
  httpIssuers: boolean;
}

const STRICT: SettingsRules = { httpIssuers: false };

/** The settings of a new agent, checked. */
export function parseAgentSettings(request: CreateAgentRequest, rules: SettingsRules = STRICT): AgentSettings {
  return checked(settingsOf(request), rules);
}

/** What the request says, in the form in which it is kept: empty optional text is absent, ids and digests are lower-case. */
export function settingsOf(request: CreateAgentRequest): AgentSettings {
  return {
    name: request.name,
    description: request.description || null,
    authMethod: (request.authMethod || 'api_key') as AgentAuthMethod,
    scopes: [...new Set(request.scopes)],
    vaultIds: [...new Set(request.vaultIds.map((id) => id.toLowerCase()))],
    expiresAt: request.expiresAt ?? null,
    intentsApiEnabled: request.intentsApiEnabled,
    txToAllowlist: [...request.txToAllowlist],
    txMaxValueEth: request.txMaxValueEth ?? null,
    txDailyLimitEth: request.txDailyLimitEth ?? null,
    txAllowedChains: [...request.txAllowedChains],
    tokenTtlSeconds: request.tokenTtlSeconds ?? null,
    clientCertFingerprint: request.clientCertFingerprint?.toLowerCase() || null,
    oidcIssuer: request.oidcIssuer || null,
    oidcClientId: request.oidcClientId || null,
    shroudEnabled: request.shroudEnabled,
    shroudConfig: request.shroudConfigJson || null,
  };
}

/** Throws with everything that is wrong at once. */
export function checked(settings: AgentSettings, { httpIssuers }: SettingsRules = STRICT): AgentSettings {
  const oidcIssuer = httpIssuers ? (settings.oidcIssuer?.replace(/^http:/, 'https:') ?? null) : settings.oidcIssuer;
  const problems = { ...missingFor(settings), ...problemsOf({ ...settings, oidcIssuer }) };
  if (Object.keys(problems).length > 0) throw invalid('The agent is not valid.', problems);
  return settings;
}

/** Field of the API to what is wrong with it. */
export function problemsOf(settings: Partial<AgentSettings>): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const property of Object.keys(settings) as (keyof AgentSettings)[]) {
    const { name, check } = AGENT_FIELDS[property];
    const problem = (check as (value: unknown) => string | undefined)(settings[property]);
    if (problem) problems[name] = problem;
  }
  return problems;
}

/** What an authentication method cannot do without. */
function missingFor({
  authMethod,
  clientCertFingerprint,
  oidcIssuer,
  oidcClientId,
}: AgentSettings): Record<string, string> {
  if (authMethod === 'mtls')
    return clientCertFingerprint === null ? { client_cert_fingerprint: 'is required for mtls' } : {};
  if (authMethod !== 'oidc_client_credentials') return {};
  return {
    ...(oidcIssuer === null ? { oidc_issuer: 'is required for oidc_client_credentials' } : {}),
    ...(oidcClientId === null ? { oidc_client_id: 'is required for oidc_client_credentials' } : {}),
  };
}
