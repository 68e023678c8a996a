import { Controller } from '@nestjs/common';
import type { PublicCall, SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { AgentTokens } from '../auth/agent-tokens.js';
import { toTokenResponse } from '../auth/auth.mapper.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { toApiKeyResponse } from './api-keys.mapper.js';
import { apiKeyToken, createApiKey, listApiKeys, revokeApiKey } from './api-keys.operations.js';

const AGENT_KEY = 'ocv_';

@Controller()
export class ApiKeysController {
  constructor(
    private readonly clients: AuthClients,
    private readonly agentTokens: AgentTokens,
    private readonly sessions: SessionsService,
  ) {}

  @Operation(createApiKey)
  async create(call: SessionCall, { body }: InputOf<typeof createApiKey>) {
    const { name, scopes = [], expires_at: expiresAt } = body;
    const { key, apiKey } = await this.clients.apiKeys.createApiKey({ name, scopes, expiresAt }, call);
    return { key: toApiKeyResponse(key), api_key: apiKey };
  }

  @Operation(listApiKeys)
  async list(call: SessionCall) {
    const { keys } = await this.clients.apiKeys.listApiKeys({}, call);
    return { keys: keys.map(toApiKeyResponse) };
  }

  @Operation(revokeApiKey)
  async revoke(call: SessionCall, { params }: InputOf<typeof revokeApiKey>) {
    await this.clients.apiKeys.revokeApiKey({ keyId: params.key_id }, call);
    this.sessions.forget(`user:${call.session.id}`);
  }

  /** Clients that do not know their agent's id send its key here. */
  @Operation(apiKeyToken)
  async exchange(call: PublicCall, { body: { api_key: apiKey } }: InputOf<typeof apiKeyToken>) {
    const { token } = apiKey.startsWith(AGENT_KEY)
      ? await this.agentTokens.exchange(call, { kind: 'key', agentId: undefined, apiKey })
      : await this.clients.apiKeyTokens.exchangeApiKey({ apiKey }, call);
    return toTokenResponse(token);
  }
}
