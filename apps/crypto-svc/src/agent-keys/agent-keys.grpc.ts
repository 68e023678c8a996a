import { AgentKeyServiceDefinition, type GenerateAgentKeysRequest } from '@oneclaw/contracts/crypto';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { toKek } from '../envelope/kek.mapper.js';
import { AgentKeysService } from './agent-keys.service.js';

@RpcController(AgentKeyServiceDefinition)
export class AgentKeysGrpc implements RpcHandlers<typeof AgentKeyServiceDefinition> {
  constructor(private readonly agentKeys: AgentKeysService) {}

  async generateAgentKeys({ kek, items }: GenerateAgentKeysRequest) {
    return { items: await this.agentKeys.generate(toKek(kek), items) };
  }
}
