import { Injectable } from '@nestjs/common';
import { type Caller, isManager } from '@oneclaw/caller';
import { cursorOf } from '@oneclaw/database';
import { invalid, notFound } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { AgentAccess } from './agent-access.service.js';
import type { Agent } from './agent.entity.js';
import { AgentsRepository } from './agents.repository.js';

export interface Page {
  /** 0 = all. */
  limit: number;
  cursor: string;
}

const MAX_LIMIT = 1000;
const CURSOR = cursorOf({ id: 'uuid' });

/** Reads agents. */
@Injectable()
export class AgentsService {
  constructor(
    private readonly database: DataSource,
    private readonly agents: AgentsRepository,
    private readonly access: AgentAccess,
  ) {}

  /** What the caller manages, oldest first. */
  async list(caller: Caller, { limit, cursor }: Page): Promise<{ agents: Agent[]; nextCursor: string }> {
    if (limit > MAX_LIMIT) throw invalid('The limit is not valid.', { limit: `must be between 1 and ${MAX_LIMIT}` });
    const after = CURSOR.decode(cursor)?.id;
    const found = await this.agents.list(this.database, caller.orgId, {
      ...(isManager(caller) ? {} : { createdBy: caller.id }),
      ...(after === undefined ? {} : { after }),
      ...(limit === 0 ? {} : { limit: limit + 1 }),
    });
    const agents = limit === 0 ? found : found.slice(0, limit);
    const last = agents.at(-1);
    return { agents, nextCursor: last && found.length > agents.length ? CURSOR.encode({ id: last.id }) : '' };
  }

  async get(caller: Caller, call: CallContext, agentId: string): Promise<Agent> {
    return this.access.visible(caller, call, agentId);
  }

  async getSelf(caller: Caller): Promise<Agent> {
    const agent = await this.agents.find(this.database, caller.orgId, caller.id);
    if (!agent) throw notFound('Agent');
    return agent;
  }
}
