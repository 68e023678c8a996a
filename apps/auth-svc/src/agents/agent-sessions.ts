import { Injectable } from '@nestjs/common';
import { transaction } from '@oneclaw/database';
import type { OutboxEvent } from '@oneclaw/events';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { UnusedAgents } from '../enrollment/unused-agents.js';
import { type IssuedSession, SessionIssuer } from '../sessions/session-issuer.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { AgentGrants } from './agent-grants.js';
import { AgentKeysRepository, type KeyHolder } from './agent-keys.repository.js';

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

  /** When it resolves, sessions and events are committed; if the events cannot be, there are no sessions. */
  async commit(
    issued: readonly IssuedSession[],
    holders: readonly KeyHolder[],
    events: readonly OutboxEvent[],
  ): Promise<void> {
    const sessions = issued.map(({ session }) => session);
    await transaction(this.database, async (manager) => {
      await commitEvents(manager, events);
      if (sessions.length === 0) return;
      await this.unused.markUsed(manager, holders);
      await this.sessions.insert(manager, sessions);
      await this.keys.touch(manager, [...new Set(sessions.map(({ principalId }) => principalId))]);
    });
  }
}
