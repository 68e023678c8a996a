import { Injectable } from '@nestjs/common';
import type { Plan } from '@oneclaw/contracts/billing';
import { execute } from '@oneclaw/database';
import type { DomainError } from '@oneclaw/errors';
import type { OutgoingCall } from '@oneclaw/rpc';
import type { EntityManager } from 'typeorm';
import { AgentLimits, type FirstToken } from '../agents/agent-limits.js';

/** In one order everywhere, so that batches never wait for each other in a circle. */
const MARK_USED = `
  UPDATE agents SET unused_until = NULL WHERE id IN (
    SELECT id FROM agents WHERE id = ANY($1::uuid[]) AND unused_until IS NOT NULL ORDER BY id FOR NO KEY UPDATE)`;

/** Agents about to have their first token, with the plans of their orgs. */
export interface FirstTokens {
  agents: readonly FirstToken[];
  plans: ReadonlyMap<string, Plan | DomainError>;
}

/** Agents that enrolled themselves and have had no token yet: they expire by themselves, and no plan counts them. */
@Injectable()
export class UnusedAgents {
  constructor(private readonly limits: AgentLimits) {}

  /** Before the transaction. Asks nobody where all have been used before. */
  async prepare(holders: readonly (FirstToken & { unused: boolean })[], call: OutgoingCall): Promise<FirstTokens> {
    const unused = new Map(
      holders.flatMap(({ unused, orgId, agentId }) => (unused ? [[agentId, { orgId, agentId }]] : [])),
    );
    const agents = [...unused.values()];
    return { agents, plans: await this.limits.plansOf(agents, call) };
  }

  /**
   * In the transaction of the first tokens, before it locks agents: from here on they stay, and count towards the plans. Answers those
   * that the plans do not allow, by id, and why (contract, section 13: 403 `resource_limit_exceeded`); they stay as they are.
   */
  async markUsed(manager: EntityManager, { agents, plans }: FirstTokens): Promise<Map<string, DomainError>> {
    if (agents.length === 0) return new Map();
    const refused = await this.limits.refuseFirstTokens(manager, agents, plans);
    const used = agents.flatMap(({ agentId }) => (refused.has(agentId) ? [] : [agentId]));
    if (used.length > 0) await execute(manager, MARK_USED, [used]);
    return refused;
  }
}
