import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { CreateAgentRequest } from '@oneclaw/contracts/auth';
import type { Plan } from '@oneclaw/contracts/billing';
import { transaction } from '@oneclaw/database';
import { identityEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { v4 as uuidv4 } from 'uuid';
import { RefusalsService } from '../audit/refusals.service.js';
import { AgentKeyVault } from './agent-key-vault.js';
import { AgentLimits } from './agent-limits.js';
import { agentEvent } from './agent-events.js';
import type { Agent, AgentSettings, NewAgent } from './agent.entity.js';
import { parseAgentSettings } from './agent-settings.js';
import { AgentsRepository } from './agents.repository.js';
import { KeyMaker } from './key-maker.js';
import { commitEvents } from '../audit/commit-events.js';
import { CONFIG, type AuthConfig } from '../config.js';

/** Registers agents. */
@Injectable()
export class CreateAgentService {
  constructor(
    private readonly database: DataSource,
    private readonly agents: AgentsRepository,
    private readonly keyMaker: KeyMaker,
    private readonly keyVault: AgentKeyVault,
    private readonly limits: AgentLimits,
    private readonly refusals: RefusalsService,
    @Inject(CONFIG) private readonly config: AuthConfig,
  ) {}

  /** `apiKey` is shown once; absent for methods without a key. */
  async create(
    caller: Caller,
    call: CallContext,
    request: CreateAgentRequest,
  ): Promise<{ agent: Agent; apiKey?: string }> {
    const settings = parseAgentSettings(request, { httpIssuers: this.config.OUTBOUND_ALLOW_HTTP });
    const attempt = { action: 'agent.register' as const, resourceType: 'agent', resourceId: '' };
    const create = (plan: Plan) => this.createWithin(plan, caller, call, settings);
    return this.refusals.guard(caller, call, attempt, () => this.limits.within(caller.orgId, call, create));
  }

  /** No key is made for nothing: whether there is room is looked at before, and again where nobody else can take it. */
  private async createWithin(
    plan: Plan,
    caller: Caller,
    call: CallContext,
    settings: AgentSettings,
  ): Promise<{ agent: Agent; apiKey?: string }> {
    await this.limits.requireRoom(this.database, caller.orgId, plan);
    const id = uuidv4();
    const key = settings.authMethod === 'api_key' ? await this.keyMaker.make(call) : undefined;
    // Before the agent exists: should the insert fail, the sealed keys belong to an id that nobody will ever have.
    const pairs = await this.keyVault.provision(caller.orgId, id, call);
    const agent = await this.write(plan, caller, call, {
      ...settings,
      id,
      orgId: caller.orgId,
      createdBy: caller.id,
      sshPublicKey: pairs.ed25519PublicKey,
      ecdhPublicKey: pairs.p256PublicKey,
      key: key?.stored ?? null,
    });
    return { agent, ...(key ? { apiKey: key.apiKey } : {}) };
  }

  private async write(plan: Plan, caller: Caller, call: CallContext, newAgent: NewAgent): Promise<Agent> {
    return transaction(this.database, async (manager) => {
      await this.limits.takeRoom(manager, caller.orgId, plan);
      const agent = await this.agents.insert(manager, newAgent);
      await commitEvents(manager, [
        identityEvent({ orgId: agent.orgId, kind: 'agent.created', subjectId: agent.id }),
        agentEvent('agent.register', caller, call, agent),
      ]);
      return agent;
    });
  }
}
