import { AgentGrantServiceDefinition, type ListGrantedPatternsRequest } from '@oneclaw/contracts/vault';
import { invalid } from '@oneclaw/errors';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { checkUuid } from '../validation/uuid.js';
import { PoliciesRepository } from './policies.repository.js';

const MAX_AGENTS = 500;

@RpcController(AgentGrantServiceDefinition)
export class AgentGrantsGrpc implements RpcHandlers<typeof AgentGrantServiceDefinition> {
  constructor(
    private readonly database: DataSource,
    private readonly policies: PoliciesRepository,
  ) {}

  async listGrantedPatterns({ agents }: ListGrantedPatternsRequest) {
    if (agents.length < 1 || agents.length > MAX_AGENTS) throw invalid(`Between 1 and ${MAX_AGENTS} agents at once.`);
    const wanted = agents.map(({ orgId, agentId }) => ({
      orgId: checkUuid(orgId, 'org_id'),
      agentId: checkUuid(agentId, 'agent_id'),
    }));
    const found = await this.policies.findPatterns(this.database, wanted);
    return { agents: found.map((patterns) => ({ patterns })) };
  }
}
