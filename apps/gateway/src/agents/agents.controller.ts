import { Controller } from '@nestjs/common';
import type { PublicCall, SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { orAbsent } from '../api/wire.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { toAgentResponse, toAgentSelfResponse, toCreateRequest, toUpdateRequest } from './agents.mapper.js';
import {
  createAgent,
  deleteAgent,
  enrollAgent,
  getAgent,
  getAgentSelf,
  listAgents,
  rotateAgentKey,
  rotateIdentityKeys,
  updateAgent,
} from './agents.operations.js';

const ENROLLED =
  'If the address belongs to a user who has confirmed it, a mail with the id and the key of the agent is on its way.';

@Controller()
export class AgentsController {
  constructor(
    private readonly clients: AuthClients,
    private readonly sessions: SessionsService,
  ) {}

  @Operation(createAgent)
  async create(call: SessionCall, input: InputOf<typeof createAgent>) {
    const { agent, apiKey } = await this.clients.agents.createAgent(toCreateRequest(input), call);
    return { agent: toAgentResponse(agent), api_key: orAbsent(apiKey) };
  }

  @Operation(listAgents)
  async list(call: SessionCall, { query }: InputOf<typeof listAgents>) {
    const { agents, nextCursor } = await this.clients.agents.listAgents({ page: query }, call);
    return { agents: agents.map(toAgentResponse), next_cursor: orAbsent(nextCursor) };
  }

  @Operation(getAgentSelf)
  async getSelf(call: SessionCall) {
    const { agent } = await this.clients.agents.getSelf({}, call);
    return toAgentSelfResponse(agent);
  }

  @Operation(getAgent)
  async get(call: SessionCall, { params }: InputOf<typeof getAgent>) {
    const { agent } = await this.clients.agents.getAgent({ agentId: params.agent_id }, call);
    return toAgentResponse(agent);
  }

  @Operation(updateAgent)
  async update(call: SessionCall, input: InputOf<typeof updateAgent>) {
    const { agent } = await this.clients.agents.updateAgent(toUpdateRequest(input), call);
    this.sessions.forget(`agent:${input.params.agent_id}`);
    return toAgentResponse(agent);
  }

  @Operation(deleteAgent)
  async delete(call: SessionCall, { params }: InputOf<typeof deleteAgent>) {
    await this.clients.agents.deactivateAgent({ agentId: params.agent_id }, call);
    this.sessions.forget(`agent:${params.agent_id}`);
  }

  @Operation(rotateAgentKey)
  async rotateKey(call: SessionCall, { params }: InputOf<typeof rotateAgentKey>) {
    const { agent, apiKey } = await this.clients.agents.rotateAgentKey({ agentId: params.agent_id }, call);
    this.sessions.forget(`agent:${params.agent_id}`);
    return { agent: toAgentResponse(agent), api_key: apiKey };
  }

  @Operation(rotateIdentityKeys)
  async rotateIdentityKeys(call: SessionCall, { params }: InputOf<typeof rotateIdentityKeys>) {
    const { agent } = await this.clients.agents.rotateAgentIdentityKeys({ agentId: params.agent_id }, call);
    return toAgentResponse(agent);
  }

  @Operation(enrollAgent)
  async enroll(call: PublicCall, { body }: InputOf<typeof enrollAgent>) {
    const { name, description, human_email: humanEmail } = body;
    const { agentId } = await this.clients.enrollment.enrollAgent({ name, description, humanEmail }, call);
    return { agent_id: agentId, message: ENROLLED };
  }
}
