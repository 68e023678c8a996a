import type { Snapshot } from './session-claims.js';

export interface AgentClaims {
  scopes: string[];
  vaultIds: string[];
  intentsApiEnabled: boolean;
}

/** What an agent's token tells its clients. */
export function agentSnapshot({ scopes, vaultIds, intentsApiEnabled }: AgentClaims): Snapshot {
  return { scopes: scopesClaim(scopes), vault_ids: vaultIds, intents_api_enabled: intentsApiEnabled };
}

/**
 * An agent's own scopes. An agent without any shows the patterns of its policies (contract, section 4); those are vault-svc's, and
 * this is the place to add them.
 */
function scopesClaim(own: readonly string[]): string[] {
  return [...own];
}
