import type { ApiKey } from '@oneclaw/contracts/auth';
import { instantOf, optionalInstant, present } from '../api/wire.js';
import type { ApiKeyResponse } from './api-keys.schemas.js';

export function toApiKeyResponse(found: ApiKey | undefined): ApiKeyResponse {
  const key = present(found, 'the API key');
  return {
    id: key.id,
    name: key.name,
    key_prefix: key.keyPrefix,
    scopes: key.scopes,
    is_active: key.isActive,
    created_at: instantOf(key.createdAt),
    expires_at: optionalInstant(key.expiresAt),
    last_used_at: optionalInstant(key.lastUsedAt),
  };
}
