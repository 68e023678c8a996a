import { Injectable } from '@nestjs/common';
import type { AgentKeyExchange, AgentKeyExchangeResult } from '@oneclaw/contracts/auth';
import type { OutboxEvent } from '@oneclaw/events';
import type { OutgoingCall } from '@oneclaw/rpc';
import { authFailure, authSuccess } from '../audit/auth-events.js';
import type { IssuedSession } from '../sessions/session-issuer.js';
import { AgentKeyFinder, type KeyVerdict } from './agent-key-finder.js';
import { AgentSessions } from './agent-sessions.js';

/** From agent keys to tokens, many at once: one batch of MACs, one lookup, one batch of signatures, one commit. */
@Injectable()
export class AgentTokensService {
  constructor(
    private readonly finder: AgentKeyFinder,
    private readonly sessions: AgentSessions,
  ) {}

  /** In the order of the exchanges. When it resolves, the events are committed; if they cannot be, nothing is handed out. */
  async exchange(exchanges: readonly AgentKeyExchange[], call: OutgoingCall): Promise<AgentKeyExchangeResult[]> {
    const verdicts = await this.finder.judge(exchanges, call);
    const holders = verdicts.flatMap((verdict) => (verdict.accepted ? [verdict.holder] : []));
    const issued = await this.sessions.issue(holders, call);
    let next = 0;
    const sessionOf = verdicts.map((verdict) => (verdict.accepted ? issued[next++] : undefined));
    const events = exchanges.map((exchange, index) =>
      eventOf(exchange, verdicts[index] as KeyVerdict, sessionOf[index]),
    );
    await this.sessions.commit(issued, holders, events);
    return verdicts.map((verdict, index) => resultOf(verdict, sessionOf[index]));
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
