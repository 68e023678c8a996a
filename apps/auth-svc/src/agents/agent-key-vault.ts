import { Injectable } from '@nestjs/common';
import {
  AgentKeyVaultServiceDefinition,
  type ProvisionAgentKeysResponse,
  type RotateAgentKeysRequest,
  type RotateAgentKeysResponse,
} from '@oneclaw/contracts/vault';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import { VaultChannel } from '../rpc/channels.js';

/** The org's `__agent-keys` vault, where agents' private keys are made and sealed. */
@Injectable()
export class AgentKeyVault {
  private readonly client: RpcClient<typeof AgentKeyVaultServiceDefinition>;

  constructor(vault: VaultChannel) {
    this.client = createRpcClient(AgentKeyVaultServiceDefinition, vault);
  }

  /** Repeatable: the same agent gets the same keys. */
  async provision(orgId: string, agentId: string, call: OutgoingCall): Promise<ProvisionAgentKeysResponse> {
    return this.client.provisionAgentKeys({ orgId, agentId }, call);
  }

  /** From this generation to the next; repeatable. */
  async rotate(request: RotateAgentKeysRequest, call: OutgoingCall): Promise<RotateAgentKeysResponse> {
    return this.client.rotateAgentKeys(request, call);
  }
}
