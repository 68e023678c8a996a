import { requireCaller } from '@oneclaw/caller';
import {
  type ApiKey as ApiKeyMessage,
  ApiKeyServiceDefinition,
  type CreateApiKeyRequest,
  type ListApiKeysRequest,
  type RevokeApiKeyRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import type { ApiKey } from './api-key.entity.js';
import { ApiKeysService } from './api-keys.service.js';

@RpcController(ApiKeyServiceDefinition)
export class ApiKeysGrpc implements RpcHandlers<typeof ApiKeyServiceDefinition> {
  constructor(private readonly keys: ApiKeysService) {}

  async createApiKey(request: CreateApiKeyRequest, call: CallContext) {
    const { key, apiKey } = await this.keys.create(requireCaller(call.caller, 'user'), call, request);
    return { key: toProto(key), apiKey };
  }

  async listApiKeys(_request: ListApiKeysRequest, { caller }: CallContext) {
    return { keys: (await this.keys.list(requireCaller(caller, 'user'))).map(toProto) };
  }

  async revokeApiKey({ keyId }: RevokeApiKeyRequest, call: CallContext) {
    await this.keys.revoke(requireCaller(call.caller, 'user'), call, keyId);
    return {};
  }
}

function toProto({ prefix, expiresAt, lastUsedAt, ...key }: ApiKey): ApiKeyMessage {
  return { ...key, keyPrefix: prefix, expiresAt: expiresAt ?? undefined, lastUsedAt: lastUsedAt ?? undefined };
}
