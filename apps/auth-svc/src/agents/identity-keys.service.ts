import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { notFound } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { AgentAccess } from './agent-access.service.js';
import { agentEvent } from './agent-events.js';
import { AgentKeyVault } from './agent-key-vault.js';
import type { Agent } from './agent.entity.js';
import { AgentsRepository } from './agents.repository.js';

/** Replaces the key pairs that agents sign and decrypt with; their credentials are something else, and stay. */
@Injectable()
export class IdentityKeysService {
  constructor(
    private readonly database: DataSource,
    private readonly agents: AgentsRepository,
    private readonly access: AgentAccess,
    private readonly keyVault: AgentKeyVault,
  ) {}

  /**
   * vault-svc moves from the generation that we know to the next one, once. If the answer is lost, the next call gets those pairs, and
   * makes none: public and private halves come together again. A late answer never replaces a later generation.
   */
  async rotate(caller: Caller, call: CallContext, agentId: string): Promise<Agent> {
    const { id } = await this.access.managed(caller, call, agentId, 'agent.rotate_identity_keys');
    const generation = await this.agents.keysGeneration(this.database, caller.orgId, id);
    const keys = await this.keyVault.rotate({ orgId: caller.orgId, agentId: id, generation }, call);
    return transaction(this.database, async (manager) => {
      const rotated = await this.agents.replaceIdentityKeys(manager, caller.orgId, id, keys);
      if (rotated) {
        const details = { generation: keys.generation };
        await commitEvents(manager, [agentEvent('agent.rotate_identity_keys', caller, call, rotated, details)]);
        return rotated;
      }
      const agent = await this.agents.find(manager, caller.orgId, id);
      if (!agent) throw notFound('Agent');
      return agent;
    });
  }
}
