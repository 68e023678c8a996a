import { AgentTokenServiceDefinition, type ExchangeAgentKeysRequest } from '@oneclaw/contracts/auth';
import { invalid } from '@oneclaw/errors';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { AgentTokensService } from './agent-tokens.service.js';

const MAX_EXCHANGES = 500;

@RpcController(AgentTokenServiceDefinition)
export class AgentTokensGrpc implements RpcHandlers<typeof AgentTokenServiceDefinition> {
  constructor(private readonly tokens: AgentTokensService) {}

  async exchangeAgentKeys({ exchanges }: ExchangeAgentKeysRequest, call: CallContext) {
    if (exchanges.length < 1 || exchanges.length > MAX_EXCHANGES)
      throw invalid(`Between 1 and ${MAX_EXCHANGES} keys at once.`);
    return { results: await this.tokens.exchange(exchanges, call) };
  }
}
