import type { Snapshot } from './session-claims.js';

export interface AgentClaims {
  scopes: string[];
  /** Of its policies; shown where it has no scopes of its own. */
  policyPatterns: string[];
  vaultIds: string[];
  intentsApiEnabled: boolean;
}

/** What an agent's token tells its clients. */
export function agentSnapshot({ scopes, policyPatterns, vaultIds, intentsApiEnabled }: AgentClaims): Snapshot {
  return {
    scopes: scopes.length > 0 ? scopes : policyPatterns,
    vault_ids: vaultIds,
    intents_api_enabled: intentsApiEnabled,
  };
}
