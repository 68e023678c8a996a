import { AgentKeyVaultServiceDefinition, type ProvisionAgentKeysRequest } from '@oneclaw/contracts/vault';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { checkUuid } from '../validation/uuid.js';
import { AgentKeysService } from './agent-keys.service.js';

@RpcController(AgentKeyVaultServiceDefinition)
export class AgentKeysGrpc implements RpcHandlers<typeof AgentKeyVaultServiceDefinition> {
  constructor(private readonly agentKeys: AgentKeysService) {}

  async provisionAgentKeys(request: ProvisionAgentKeysRequest, context: CallContext) {
    const orgId = checkUuid(request.orgId, 'org_id');
    const agentId = checkUuid(request.agentId, 'agent_id');
    const { ed25519PublicKey, p256PublicKey } = await this.agentKeys.provision(orgId, agentId, context);
    return { ed25519PublicKey, p256PublicKey };
  }
}
