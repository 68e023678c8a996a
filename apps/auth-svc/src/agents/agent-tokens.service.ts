import { Injectable } from '@nestjs/common';
import type { AgentKeyExchange, AgentKeyExchangeResult } from '@oneclaw/contracts/auth';
import { internal, type DomainError } from '@oneclaw/errors';
import type { OutboxEvent } from '@oneclaw/events';
import { toErrorDetail, type OutgoingCall } from '@oneclaw/rpc';
import { authFailure, authSuccess } from '../audit/auth-events.js';
import type { IssuedSession } from '../sessions/session-issuer.js';
import { AgentKeyFinder, type KeyVerdict } from './agent-key-finder.js';
import { AgentSessions, type PendingSession } from './agent-sessions.js';

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
    const issued = (await this.sessions.issue(holders, call)).values();
    const pending = verdicts.map((verdict, index) => pendingOf(verdict, exchanges[index]!, issued));
    const failures = verdicts.flatMap((verdict, index) => {
      return verdict.accepted ? [] : [failureEvent(verdict, verdict.reason, exchanges[index]!)];
    });
    const begun = pending.filter((each) => each !== undefined);
    const refused = await this.sessions.commit(begun, failures, call);
    return pending.map((each) => resultOf(each, each && refused.get(each)));
  }
}

function pendingOf(
  verdict: KeyVerdict,
  exchange: AgentKeyExchange,
  issued: Iterator<IssuedSession>,
): PendingSession | undefined {
  if (!verdict.accepted) return undefined;
  const { holder } = verdict;
  const next = issued.next();
  if (next.done) throw internal('an agent that was accepted got no session');
  return {
    issued: next.value,
    holder,
    success: authSuccess(next.value.session, 'agent_key', originOf(exchange)),
    refusal: (reason) => failureEvent(holder, reason, exchange),
  };
}

function failureEvent(
  { orgId, agentId }: { orgId?: string | undefined; agentId?: string | undefined },
  reason: string,
  exchange: AgentKeyExchange,
): OutboxEvent {
  const tried = { method: 'agent_key', orgId, resourceType: 'agent', resourceId: agentId } as const;
  return authFailure({ ...tried, reason }, originOf(exchange));
}

function originOf({ ipAddress, requestId }: AgentKeyExchange) {
  return { ipAddress, requestId };
}

function resultOf(pending: PendingSession | undefined, refused: DomainError | undefined): AgentKeyExchangeResult {
  const nothing = { accepted: false, token: undefined, agentId: '', vaultIds: [], refusal: undefined };
  if (!pending) return nothing;
  if (refused) return { ...nothing, refusal: toErrorDetail(refused) };
  const { issued, holder } = pending;
  return { ...nothing, accepted: true, token: issued.token, agentId: holder.agentId, vaultIds: holder.vaultIds };
}
