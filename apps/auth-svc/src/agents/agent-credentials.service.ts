import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { conflict } from '@oneclaw/errors';
import { identityEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { Invalidations } from '../sessions/invalidations.js';
import { AgentAccess } from './agent-access.service.js';
import { agentEvent } from './agent-events.js';
import type { Agent } from './agent.entity.js';
import { AgentsRepository } from './agents.repository.js';
import { KeyMaker } from './key-maker.js';

/** Ends keys and tokens of agents: what is made with the old key is void from the commit on. */
@Injectable()
export class AgentCredentialsService {
  constructor(
    private readonly database: DataSource,
    private readonly agents: AgentsRepository,
    private readonly access: AgentAccess,
    private readonly keyMaker: KeyMaker,
    private readonly invalidations: Invalidations,
  ) {}

  /** Of parallel rotations the last to commit wins: its key is the one that works. */
  async rotateKey(caller: Caller, call: CallContext, agentId: string): Promise<{ agent: Agent; apiKey: string }> {
    const { id, authMethod } = await this.access.managed(caller, call, agentId, 'agent.rotate_key');
    if (authMethod !== 'api_key') throw conflict(`This agent has no API key: it authenticates by ${authMethod}.`);
    const { apiKey, stored } = await this.keyMaker.make(call);
    const agent = await transaction(this.database, async (manager) => {
      const rotated = await this.agents.replaceKey(manager, caller.orgId, id, stored);
      if (!rotated) throw conflict('This agent has no API key.');
      await commitEvents(manager, [agentEvent('agent.rotate_key', caller, call, rotated)]);
      await this.invalidations.add(manager, [`agent:${id}`]);
      return rotated;
    });
    return { agent, apiKey };
  }

  /** Repeatable: only the call that ends the agent leaves events. */
  async deactivate(caller: Caller, call: CallContext, agentId: string): Promise<void> {
    const agent = await this.access.managed(caller, call, agentId, 'agent.deactivate');
    const { id, orgId } = agent;
    await transaction(this.database, async (manager) => {
      if (!(await this.agents.deactivate(manager, orgId, id))) return;
      await commitEvents(manager, [
        identityEvent({ orgId, kind: 'agent.deactivated', subjectId: id }),
        agentEvent('agent.deactivate', caller, call, agent),
      ]);
      await this.invalidations.add(manager, [`agent:${id}`]);
    });
  }
}
