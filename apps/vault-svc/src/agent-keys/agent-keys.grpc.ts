import {
  AgentKeyVaultServiceDefinition,
  type ProvisionAgentKeysRequest,
  type RotateAgentKeysRequest,
} from '@oneclaw/contracts/vault';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { checkUuid } from '../validation/uuid.js';
import { AgentKeyRotationService } from './agent-key-rotation.service.js';
import { AgentKeysService } from './agent-keys.service.js';

@RpcController(AgentKeyVaultServiceDefinition)
export class AgentKeysGrpc implements RpcHandlers<typeof AgentKeyVaultServiceDefinition> {
  constructor(
    private readonly agentKeys: AgentKeysService,
    private readonly rotation: AgentKeyRotationService,
  ) {}

  async provisionAgentKeys(request: ProvisionAgentKeysRequest, context: CallContext) {
    const { orgId, agentId } = idsOf(request);
    const { ed25519PublicKey, p256PublicKey } = await this.agentKeys.provision(orgId, agentId, context);
    return { ed25519PublicKey, p256PublicKey };
  }

  async rotateAgentKeys(request: RotateAgentKeysRequest, context: CallContext) {
    const { orgId, agentId } = idsOf(request);
    return await this.rotation.rotate(orgId, agentId, request.generation, context);
  }
}

function idsOf(request: { orgId: string; agentId: string }) {
  return { orgId: checkUuid(request.orgId, 'org_id'), agentId: checkUuid(request.agentId, 'agent_id') };
}
