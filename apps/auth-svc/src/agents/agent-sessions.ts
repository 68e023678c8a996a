import { Injectable } from '@nestjs/common';
import { transaction } from '@oneclaw/database';
import type { DomainError } from '@oneclaw/errors';
import type { OutboxEvent } from '@oneclaw/events';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { UnusedAgents } from '../enrollment/unused-agents.js';
import { type IssuedSession, SessionIssuer } from '../sessions/session-issuer.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { AgentGrants } from './agent-grants.js';
import { AgentKeysRepository, type KeyHolder } from './agent-keys.repository.js';

/** A session that waits to be committed, and what the trail is told of it. */
export interface PendingSession {
  issued: IssuedSession;
  holder: KeyHolder;
  success: OutboxEvent;
  /** Where the org's plan allows no more agents. */
  refusal: (reason: string) => OutboxEvent;
}

/** Begins sessions of agents, however they proved who they are. */
@Injectable()
export class AgentSessions {
  constructor(
    private readonly database: DataSource,
    private readonly grants: AgentGrants,
    private readonly issuer: SessionIssuer,
    private readonly sessions: SessionsRepository,
    private readonly keys: AgentKeysRepository,
    private readonly unused: UnusedAgents,
  ) {}

  /** In the order of the agents. Commit before any token is handed out. */
  async issue(holders: readonly KeyHolder[], call: OutgoingCall): Promise<IssuedSession[]> {
    const patterns = await this.grants.patternsOf(holders, call);
    const facts = holders.map((holder, index) => ({ ...holder, policyPatterns: patterns[index] as string[] }));
    return this.issuer.issueToAgents(facts, call);
  }

  /**
   * When it resolves, sessions and events are committed; if the events cannot be, there are no sessions. Answers those that the plans
   * of their orgs do not allow, and why: they have none.
   */
  async commit(
    pending: readonly PendingSession[],
    others: readonly OutboxEvent[],
    call: OutgoingCall,
  ): Promise<Map<PendingSession, DomainError>> {
    const first = await this.unused.prepare(
      pending.map(({ holder }) => holder),
      call,
    );
    return transaction(this.database, async (manager) => {
      const refused = await this.unused.markUsed(manager, first);
      const beyond = new Map(
        pending.flatMap((each) => {
          const error = refused.get(each.holder.agentId);
          return error ? [[each, error] as const] : [];
        }),
      );
      const events = pending.map((each) => {
        const error = beyond.get(each);
        return error ? each.refusal(error.code) : each.success;
      });
      await commitEvents(manager, [...events, ...others]);
      await this.begin(
        manager,
        pending.filter((each) => !beyond.has(each)),
      );
      return beyond;
    });
  }

  private async begin(manager: EntityManager, pending: readonly PendingSession[]): Promise<void> {
    if (pending.length === 0) return;
    const sessions = pending.map(({ issued }) => issued.session);
    await this.sessions.insert(manager, sessions);
    await this.keys.touch(manager, [...new Set(sessions.map(({ principalId }) => principalId))]);
  }
}
