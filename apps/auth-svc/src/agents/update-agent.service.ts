import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { UpdateAgentRequest } from '@oneclaw/contracts/auth';
import type { Plan } from '@oneclaw/contracts/billing';
import { transaction } from '@oneclaw/database';
import { notFound } from '@oneclaw/errors';
import { identityEvent, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { CONFIG, type AuthConfig } from '../config.js';
import { Invalidations } from '../sessions/invalidations.js';
import { AgentAccess } from './agent-access.service.js';
import { RefusalsService } from '../audit/refusals.service.js';
import { applied, changeOf, type AgentChange, type ChangedAgent } from './agent-change.js';
import { agentEvent } from './agent-events.js';
import { AgentLimits } from './agent-limits.js';
import type { Agent } from './agent.entity.js';
import { AgentsRepository } from './agents.repository.js';

/** Changes agents. */
@Injectable()
export class UpdateAgentService {
  constructor(
    private readonly database: DataSource,
    private readonly agents: AgentsRepository,
    private readonly access: AgentAccess,
    private readonly invalidations: Invalidations,
    private readonly limits: AgentLimits,
    private readonly refusals: RefusalsService,
    @Inject(CONFIG) private readonly config: AuthConfig,
  ) {}

  /** Parallel changes follow one another: each is checked against what the one before left. */
  async update(caller: Caller, call: CallContext, request: UpdateAgentRequest): Promise<Agent> {
    const found = await this.access.managed(caller, call, request.agentId, 'agent.update');
    const change = changeOf(request);
    if (change.fields.length === 0) return found;
    const apply = (manager: EntityManager) => this.apply(manager, caller, call, found.id, change);
    if (!mayCountMore(change)) return transaction(this.database, apply);
    const applyWithin = (plan: Plan) =>
      transaction(this.database, (manager) => this.limits.changing(manager, caller.orgId, plan, () => apply(manager)));
    const attempt = { action: 'agent.update' as const, resourceType: 'agent', resourceId: found.id };
    return this.refusals.guard(caller, call, attempt, () => this.limits.within(caller.orgId, call, applyWithin));
  }

  private async apply(
    manager: EntityManager,
    caller: Caller,
    call: CallContext,
    agentId: string,
    change: AgentChange,
  ): Promise<Agent> {
    const present = await this.agents.lock(manager, caller.orgId, agentId);
    if (!present) throw notFound('Agent');
    const changed = applied(change, present, { httpIssuers: this.config.OUTBOUND_ALLOW_HTTP });
    const agent = await this.agents.update(manager, caller.orgId, agentId, changed);
    const details = { changed: change.fields };
    await commitEvents(manager, [
      agentEvent('agent.update', caller, call, agent, details),
      ...lifeEvents(changed, agent),
    ]);
    await this.invalidations.add(manager, [`agent:${agent.id}`]);
    return agent;
  }
}

/** Whether an agent that the plan does not count may be one that it counts afterwards. */
function mayCountMore({ isActive, settings }: AgentChange): boolean {
  return isActive === true || 'expiresAt' in settings;
}

/** What other services have to know. */
function lifeEvents({ deactivated, activated }: ChangedAgent, { orgId, id: subjectId }: Agent): OutboxEvent[] {
  if (deactivated) return [identityEvent({ orgId, kind: 'agent.deactivated', subjectId })];
  return activated ? [identityEvent({ orgId, kind: 'agent.activated', subjectId })] : [];
}
