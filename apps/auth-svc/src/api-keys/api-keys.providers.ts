import { ApiKeyCallers } from './api-key-callers.js';
import { ApiKeyFinder } from './api-key-finder.js';
import { ApiKeyTokensGrpc } from './api-key-tokens.grpc.js';
import { ApiKeyTokensService } from './api-key-tokens.service.js';
import { ApiKeysGrpc } from './api-keys.grpc.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { CreateApiKeyService } from './create-api-key.service.js';

export const apiKeys = [
  ApiKeysRepository,
  ApiKeyFinder,
  ApiKeyCallers,
  ApiKeysService,
  CreateApiKeyService,
  ApiKeyTokensService,
];
export const apiKeyControllers = [ApiKeysGrpc, ApiKeyTokensGrpc];
