import { ApiKeyTokenServiceDefinition, type ExchangeApiKeyRequest } from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { ApiKeyTokensService } from './api-key-tokens.service.js';

@RpcController(ApiKeyTokenServiceDefinition)
export class ApiKeyTokensGrpc implements RpcHandlers<typeof ApiKeyTokenServiceDefinition> {
  constructor(private readonly tokens: ApiKeyTokensService) {}

  async exchangeApiKey({ apiKey }: ExchangeApiKeyRequest, call: CallContext) {
    return { token: await this.tokens.exchange(apiKey, call) };
  }
}
