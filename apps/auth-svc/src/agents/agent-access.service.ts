import type { AuditAction } from '@oneclaw/events';
import { Injectable } from '@nestjs/common';
import { type Caller, isManager } from '@oneclaw/caller';
import { invalid, notFound } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { RefusalsService } from '../audit/refusals.service.js';
import type { Agent } from './agent.entity.js';
import { AgentsRepository } from './agents.repository.js';

type Owned = Pick<Agent, 'id' | 'createdBy'>;

/** Owner and admin manage every agent of the org, a member those that they created. */
export function manages(caller: Caller, agent: Owned): boolean {
  return isManager(caller) || (caller.type === 'user' && agent.createdBy === caller.id);
}

/** Whoever manages it, and the agent itself. */
export function sees(caller: Caller, agent: Owned): boolean {
  return manages(caller, agent) || (caller.type === 'agent' && agent.id === caller.id);
}

/** Finds agents on behalf of a caller: another org's do not exist, the own org's may be out of bounds, which is audited. */
@Injectable()
export class AgentAccess {
  constructor(
    private readonly database: DataSource,
    private readonly agents: AgentsRepository,
    private readonly refusals: RefusalsService,
  ) {}

  visible(caller: Caller, call: CallContext, agentId: string): Promise<Agent> {
    return this.require(caller, call, agentId, 'agent.read', sees);
  }

  /** `action` names the attempt in the audit trail. */
  managed(caller: Caller, call: CallContext, agentId: string, action: AuditAction): Promise<Agent> {
    return this.require(caller, call, agentId, action, manages);
  }

  private async require(
    caller: Caller,
    call: CallContext,
    agentId: string,
    action: AuditAction,
    mayDo: (caller: Caller, agent: Owned) => boolean,
  ): Promise<Agent> {
    if (!isUuid(agentId)) throw invalid('The agent id is not valid.', { agent_id: 'is not a UUID' });
    const agent = await this.agents.find(this.database, caller.orgId, agentId);
    if (!agent) throw notFound('Agent');
    if (mayDo(caller, agent)) return agent;
    const attempt = { action, resourceType: 'agent', resourceId: agent.id };
    throw await this.refusals.deny(caller, call, attempt, 'You may not do this with this agent.');
  }
}
