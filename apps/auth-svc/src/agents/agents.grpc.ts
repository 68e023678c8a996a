import { requireCaller } from '@oneclaw/caller';
import {
  AgentServiceDefinition,
  type CreateAgentRequest,
  type DeactivateAgentRequest,
  type GetAgentRequest,
  type GetSelfRequest,
  type ListAgentsRequest,
  type RotateAgentIdentityKeysRequest,
  type RotateAgentKeyRequest,
  type UpdateAgentRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { AgentCredentialsService } from './agent-credentials.service.js';
import { toProto } from './agent.proto.js';
import { AgentsService } from './agents.service.js';
import { CreateAgentService } from './create-agent.service.js';
import { IdentityKeysService } from './identity-keys.service.js';
import { UpdateAgentService } from './update-agent.service.js';

@RpcController(AgentServiceDefinition)
export class AgentsGrpc implements RpcHandlers<typeof AgentServiceDefinition> {
  constructor(
    private readonly creation: CreateAgentService,
    private readonly agents: AgentsService,
    private readonly changes: UpdateAgentService,
    private readonly credentials: AgentCredentialsService,
    private readonly identityKeys: IdentityKeysService,
  ) {}

  async createAgent(request: CreateAgentRequest, call: CallContext) {
    const { agent, apiKey } = await this.creation.create(requireCaller(call.caller, 'user'), call, request);
    return { agent: toProto(agent), apiKey };
  }

  async listAgents({ page }: ListAgentsRequest, { caller }: CallContext) {
    const { agents, nextCursor } = await this.agents.list(
      requireCaller(caller, 'user'),
      page ?? { limit: 0, cursor: '' },
    );
    return { agents: agents.map(toProto), nextCursor };
  }

  async getAgent({ agentId }: GetAgentRequest, call: CallContext) {
    return { agent: toProto(await this.agents.get(requireCaller(call.caller), call, agentId)) };
  }

  async getSelf(_request: GetSelfRequest, { caller }: CallContext) {
    return { agent: toProto(await this.agents.getSelf(requireCaller(caller, 'agent'))) };
  }

  async updateAgent(request: UpdateAgentRequest, call: CallContext) {
    return { agent: toProto(await this.changes.update(requireCaller(call.caller, 'user'), call, request)) };
  }

  async rotateAgentIdentityKeys({ agentId }: RotateAgentIdentityKeysRequest, call: CallContext) {
    return { agent: toProto(await this.identityKeys.rotate(requireCaller(call.caller, 'user'), call, agentId)) };
  }

  async rotateAgentKey({ agentId }: RotateAgentKeyRequest, call: CallContext) {
    const { agent, apiKey } = await this.credentials.rotateKey(requireCaller(call.caller, 'user'), call, agentId);
    return { agent: toProto(agent), apiKey };
  }

  async deactivateAgent({ agentId }: DeactivateAgentRequest, call: CallContext) {
    await this.credentials.deactivate(requireCaller(call.caller, 'user'), call, agentId);
    return {};
  }
}
