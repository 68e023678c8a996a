import { requireCaller } from '@oneclaw/caller';
import { type CountOrgRequest, OrgCountServiceDefinition } from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { AgentCountsRepository } from '../agents/agent-counts.repository.js';
import { OrgMembersRepository } from './org-members.repository.js';

@RpcController(OrgCountServiceDefinition)
export class OrgCountsGrpc implements RpcHandlers<typeof OrgCountServiceDefinition> {
  constructor(
    private readonly database: DataSource,
    private readonly agents: AgentCountsRepository,
    private readonly members: OrgMembersRepository,
  ) {}

  async countOrg(_request: CountOrgRequest, context: CallContext) {
    const { orgId } = requireCaller(context.caller, 'user');
    const [agents, members] = await Promise.all([
      this.agents.count(this.database, orgId),
      this.members.count(this.database, orgId),
    ]);
    return { agents, members };
  }
}
