import { Inject, Injectable } from '@nestjs/common';
import type { Role, SessionKind } from '@oneclaw/caller';
import type { AccessToken } from '@oneclaw/contracts/auth';
import { TokenKind } from '@oneclaw/contracts/crypto';
import type { OutgoingCall } from '@oneclaw/rpc';
import { v7 as uuidv7 } from 'uuid';
import { CONFIG, type AuthConfig } from '../config.js';
import { agentSnapshot, type AgentClaims } from '../tokens/agent-claims.js';
import { type Snapshot, encodeSessionClaims } from '../tokens/session-claims.js';
import { TokenSigner } from '../tokens/token-signer.js';
import type { Session } from './session.entity.js';

/** Whose session begins, and what its token tells clients. */
interface NewSession extends Omit<Session, 'id' | 'expiresAt'> {
  lifetimeSeconds: number;
  snapshot: Snapshot;
}

export interface IssuedSession {
  session: Session;
  token: AccessToken;
}

export interface UserFacts {
  id: string;
  orgId: string;
  role: Role;
  email: string;
  credentialEpoch: number;
}

/** Whoever holds a personal API key. */
export interface KeyHolderFacts extends UserFacts {
  keyId: string;
  expiresAt: Date | null;
}

export interface AgentFacts extends AgentClaims {
  agentId: string;
  orgId: string;
  credentialEpoch: number;
  tokenTtlSeconds: number | null;
}

/**
 * Makes sessions and has their tokens signed. It writes nothing: insert the sessions in the transaction that commits their audit
 * events, and hand the tokens out after it. A token without a row opens nothing.
 */
@Injectable()
export class SessionIssuer {
  constructor(
    @Inject(CONFIG) private readonly config: AuthConfig,
    private readonly signer: TokenSigner,
  ) {}

  async issueToUser(user: UserFacts, kind: SessionKind, call: OutgoingCall): Promise<IssuedSession> {
    const { id, orgId, role, email, credentialEpoch } = user;
    const lifetime = kind === 'device' ? this.config.DEVICE_TOKEN_LIFETIME : this.config.USER_TOKEN_LIFETIME;
    const lifetimeSeconds = Math.floor(lifetime / 1000);
    const session = { kind, principalType: 'user' as const, principalId: id, orgId, credentialEpoch };
    const [issued] = await this.issue([{ ...session, lifetimeSeconds, snapshot: { role, email } }], call);
    return issued as IssuedSession;
  }

  /** No longer than the key itself. */
  async issueToKeyHolder(holder: KeyHolderFacts, call: OutgoingCall): Promise<IssuedSession> {
    const { id, orgId, role, email, credentialEpoch, keyId, expiresAt } = holder;
    const remaining = expiresAt === null ? Infinity : expiresAt.getTime() - Date.now();
    const lifetimeSeconds = Math.max(1, Math.floor(Math.min(this.config.USER_TOKEN_LIFETIME, remaining) / 1000));
    const principal = { principalType: 'user' as const, principalId: id, orgId, credentialEpoch };
    const session = { ...principal, kind: 'api_key' as const, apiKeyId: keyId };
    const [issued] = await this.issue([{ ...session, lifetimeSeconds, snapshot: { role, email } }], call);
    return issued as IssuedSession;
  }

  /** In the order of the agents. */
  async issueToAgents(agents: readonly AgentFacts[], call: OutgoingCall): Promise<IssuedSession[]> {
    const newSessions = agents.map((agent) => ({
      kind: 'agent' as const,
      principalType: 'agent' as const,
      principalId: agent.agentId,
      orgId: agent.orgId,
      credentialEpoch: agent.credentialEpoch,
      lifetimeSeconds: agent.tokenTtlSeconds ?? Math.floor(this.config.AGENT_TOKEN_LIFETIME / 1000),
      snapshot: agentSnapshot(agent),
    }));
    return this.issue(newSessions, call);
  }

  private async issue(newSessions: readonly NewSession[], call: OutgoingCall): Promise<IssuedSession[]> {
    const now = Math.floor(Date.now() / 1000);
    const names = { issuer: this.config.TOKEN_ISSUER, audience: this.config.TOKEN_AUDIENCE };
    const drafts = newSessions.map((each) => ({
      ...each,
      id: uuidv7(),
      issuedAt: now,
      expiresAt: now + each.lifetimeSeconds,
    }));
    const claims = drafts.map((draft) => encodeSessionClaims(names, { ...draft, jti: draft.id }, draft.snapshot));
    const tokens = await this.signer.sign(TokenKind.SESSION, claims, call);
    return drafts.map((draft, index) => ({
      session: toSession(draft),
      token: { accessToken: tokens[index] as string, expiresInSeconds: draft.lifetimeSeconds },
    }));
  }
}

function toSession(draft: Omit<Session, 'expiresAt'> & { expiresAt: number }): Session {
  const { id, kind, principalType, principalId, orgId, credentialEpoch, apiKeyId } = draft;
  const session = { id, kind, principalType, principalId, orgId, credentialEpoch };
  return { ...session, ...(apiKeyId ? { apiKeyId } : {}), expiresAt: new Date(draft.expiresAt * 1000) };
}
