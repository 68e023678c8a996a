import type { PrincipalType, Role, SessionKind } from '@oneclaw/caller';

/** One token's life on our side. */
export interface Session {
  /** The token's jti. */
  id: string;
  kind: SessionKind;
  principalType: PrincipalType;
  principalId: string;
  orgId: string;
  /** The principal's when the session began; a change of its credentials starts another one. */
  credentialEpoch: number;
  expiresAt: Date;
  /** Of kind api_key: the key that it began with and ends with. */
  apiKeyId?: string;
}

/** A session with the present facts about its principal. */
export interface SessionState extends Pick<Session, 'id' | 'kind' | 'principalType' | 'principalId' | 'orgId'> {
  revoked: boolean;
  /** Whether the credentials are still those that it began with; null when the principal is gone. */
  credentialsUnchanged: boolean | null;
  /** Users: in the session's org; null when not a member. */
  role: Role | null;
  /** Users; null for agents. */
  email: string | null;
  emailVerified: boolean | null;
  /** Agents: the human who registered it, unless that human has left the org. */
  registeredBy: string | null;
  /** Agents; null for users. */
  agentActive: boolean | null;
  agentExpired: boolean | null;
  /** When the agent itself ends; null when it does not. */
  agentExpiresAt: Date | null;
  /** Of kind api_key: whether its key is neither revoked nor expired. */
  keyUsable: boolean;
  /** The agent's or, of kind api_key, the key's. */
  scopes: string[] | null;
  vaultIds: string[] | null;
  intentsEnabled: boolean | null;
}
