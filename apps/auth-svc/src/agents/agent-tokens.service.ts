import { Injectable } from '@nestjs/common';
import type { AgentKeyExchange, AgentKeyExchangeResult } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import type { OutboxEvent } from '@oneclaw/events';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { authFailure, authSuccess } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { type IssuedSession, SessionIssuer } from '../sessions/session-issuer.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { AgentGrants } from './agent-grants.js';
import { AgentKeyFinder, type KeyVerdict } from './agent-key-finder.js';
import { AgentKeysRepository } from './agent-keys.repository.js';

/** From agent keys to tokens, many at once: one batch of MACs, one lookup, one batch of signatures, one commit. */
@Injectable()
export class AgentTokensService {
  constructor(
    private readonly database: DataSource,
    private readonly finder: AgentKeyFinder,
    private readonly grants: AgentGrants,
    private readonly issuer: SessionIssuer,
    private readonly sessions: SessionsRepository,
    private readonly keys: AgentKeysRepository,
  ) {}

  /** In the order of the exchanges. When it resolves, the events are committed; if they cannot be, nothing is handed out. */
  async exchange(exchanges: readonly AgentKeyExchange[], call: OutgoingCall): Promise<AgentKeyExchangeResult[]> {
    const verdicts = await this.finder.judge(exchanges, call);
    const holders = verdicts.flatMap((verdict) => (verdict.accepted ? [verdict.holder] : []));
    const patterns = await this.grants.patternsOf(holders, call);
    const facts = holders.map((holder, index) => ({ ...holder, policyPatterns: patterns[index] as string[] }));
    const issued = await this.issuer.issueToAgents(facts, call);
    let next = 0;
    const sessionOf = verdicts.map((verdict) => (verdict.accepted ? issued[next++] : undefined));
    await this.commit(
      issued,
      exchanges.map((exchange, index) => eventOf(exchange, verdicts[index] as KeyVerdict, sessionOf[index])),
    );
    return verdicts.map((verdict, index) => resultOf(verdict, sessionOf[index]));
  }

  private async commit(issued: readonly IssuedSession[], events: readonly OutboxEvent[]): Promise<void> {
    const sessions = issued.map(({ session }) => session);
    await transaction(this.database, async (manager) => {
      await commitEvents(manager, events);
      if (sessions.length === 0) return;
      await this.sessions.insert(manager, sessions);
      await this.keys.touch(manager, [...new Set(sessions.map(({ principalId }) => principalId))]);
    });
  }
}

function eventOf(
  { ipAddress, requestId }: AgentKeyExchange,
  verdict: KeyVerdict,
  issued: IssuedSession | undefined,
): OutboxEvent {
  const origin = { ipAddress, requestId };
  if (issued) return authSuccess(issued.session, 'agent_key', origin);
  const { reason, orgId, agentId } = verdict as Extract<KeyVerdict, { accepted: false }>;
  return authFailure({ method: 'agent_key', reason, orgId, resourceType: 'agent', resourceId: agentId }, origin);
}

function resultOf(verdict: KeyVerdict, issued: IssuedSession | undefined): AgentKeyExchangeResult {
  if (!verdict.accepted || !issued) return { accepted: false, token: undefined, agentId: '', vaultIds: [] };
  return { accepted: true, token: issued.token, agentId: verdict.holder.agentId, vaultIds: verdict.holder.vaultIds };
}
