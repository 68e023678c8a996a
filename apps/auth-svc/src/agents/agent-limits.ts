import { Injectable } from '@nestjs/common';
import type { Plan } from '@oneclaw/contracts/billing';
import type { Executor } from '@oneclaw/database';
import { isDomainError, type DomainError } from '@oneclaw/errors';
import { OrgPlans, limitReached, type OutgoingCall } from '@oneclaw/rpc';
import type { EntityManager } from 'typeorm';
import { AgentCountsRepository } from './agent-counts.repository.js';

/** An agent about to have its first token. */
export interface FirstToken {
  orgId: string;
  agentId: string;
}

/**
 * Keeps orgs within the active agents that their plans allow: whatever makes an agent count (registration, activation, a later end, the
 * first token of one that enrolled itself) happens under a lock of the org, so that any number at once ends exactly at the limit.
 */
@Injectable()
export class AgentLimits {
  constructor(
    private readonly counts: AgentCountsRepository,
    private readonly plans: OrgPlans,
  ) {}

  /** Tries something within the org's plan as it is known, and where that is not enough, as it is now. */
  async within<T>(orgId: string, call: OutgoingCall, attempt: (plan: Plan) => Promise<T>): Promise<T> {
    return this.plans.within(orgId, call, attempt);
  }

  /** Throws where the org has as many as it may. */
  async requireRoom(executor: Executor, orgId: string, plan: Plan): Promise<void> {
    const { agentLimit: limit, tier } = plan;
    if (limit === undefined) return;
    const count = await this.counts.count(executor, orgId);
    if (count >= limit) throw limitReached('Agent', count, limit, tier);
  }

  /** As `requireRoom`, for one that the transaction is about to add. */
  async takeRoom(manager: EntityManager, orgId: string, plan: Plan): Promise<void> {
    if (plan.agentLimit === undefined) return;
    await this.counts.lock(manager, orgId);
    await this.requireRoom(manager, orgId, plan);
  }

  /** Changes agents of the org in a transaction that has locked none of them yet. Throws where more count afterwards than may. */
  async changing<T>(manager: EntityManager, orgId: string, plan: Plan, change: () => Promise<T>): Promise<T> {
    const { agentLimit: limit, tier } = plan;
    if (limit === undefined) return change();
    await this.counts.lock(manager, orgId);
    const before = await this.counts.count(manager, orgId);
    const result = await change();
    const after = await this.counts.count(manager, orgId);
    if (after > before && after > limit) throw limitReached('Agent', before, limit, tier);
    return result;
  }

  /** The plans as they are now of all orgs that have an agent among these. Before the transaction. */
  async plansOf(agents: readonly FirstToken[], call: OutgoingCall): Promise<ReadonlyMap<string, Plan | DomainError>> {
    const orgIds = [...new Set(agents.map(({ orgId }) => orgId))];
    const plans = orgIds.map(async (orgId) => [orgId, await this.plans.current(orgId, call).catch(failure)] as const);
    return new Map(await Promise.all(plans));
  }

  /** Those that may not have one, by id, and why; the orgs stay locked until the end of the transaction. Each agent once. */
  async refuseFirstTokens(
    manager: EntityManager,
    agents: readonly FirstToken[],
    plans: ReadonlyMap<string, Plan | DomainError>,
  ): Promise<Map<string, DomainError>> {
    const refused = new Map<string, DomainError>();
    for (const orgId of [...plans.keys()].sort()) {
      const ids = agents.flatMap((agent) => (agent.orgId === orgId ? [agent.agentId] : []));
      const reason = await this.reasonAgainst(manager, orgId, plans.get(orgId)!);
      if (!reason) continue;
      // Another exchange may have been first: then the agent counts already.
      const unused = await this.counts.unused(manager, ids);
      for (const agentId of unused.slice(reason.room)) refused.set(agentId, reason.error);
    }
    return refused;
  }

  private async reasonAgainst(manager: EntityManager, orgId: string, plan: Plan | DomainError) {
    if (isDomainError(plan)) return { room: 0, error: plan };
    const { agentLimit: limit, tier } = plan;
    if (limit === undefined) return undefined;
    await this.counts.lock(manager, orgId);
    const count = await this.counts.count(manager, orgId);
    return { room: Math.max(0, limit - count), error: limitReached('Agent', Math.max(count, limit), limit, tier) };
  }
}

/** Only those whose first token it would be fail for want of the plan. */
function failure(error: unknown): DomainError {
  if (!isDomainError(error)) throw error;
  return error;
}
