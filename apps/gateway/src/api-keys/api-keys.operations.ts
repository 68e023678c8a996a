import { z } from 'zod';
import { uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { tokenResponse } from '../auth/auth.schemas.js';
import {
  apiKeyCreatedResponse,
  apiKeyListResponse,
  apiKeyTokenRequest,
  createApiKeyRequest,
} from './api-keys.schemas.js';

const tag = 'API Keys';
const people = { users: true, agents: false } as const;
const interactive = { ...people, interactive: true } as const;

export const createApiKey = defineOperation({
  id: 'createApiKey',
  method: 'POST',
  path: '/v1/auth/api-keys',
  tag,
  summary: 'Make a personal API key',
  description: 'For programs that act for the user who calls. A mail tells the user.',
  access: interactive,
  audit: { action: 'apikey.create', resource: 'api_key' },
  body: createApiKeyRequest,
  answer: { status: 201, description: 'The key, this once.', schema: apiKeyCreatedResponse },
});

export const listApiKeys = defineOperation({
  id: 'listApiKeys',
  method: 'GET',
  path: '/v1/auth/api-keys',
  tag,
  summary: 'List the personal API keys of the user who calls',
  description: 'Oldest first.',
  access: people,
  audit: { action: 'apikey.list', resource: 'api_key' },
  answer: { status: 200, description: 'The keys, without the keys themselves.', schema: apiKeyListResponse },
});

export const revokeApiKey = defineOperation({
  id: 'revokeApiKey',
  method: 'DELETE',
  path: '/v1/auth/api-keys/:key_id',
  tag,
  summary: 'Revoke a personal API key',
  description: 'It is refused within a second, and with it every token that it was exchanged for.',
  access: interactive,
  audit: { action: 'apikey.revoke', resource: 'api_key', idFrom: 'key_id' },
  params: z.object({ key_id: uuid() }),
  answer: { status: 204, description: 'The key is dead.' },
  refusals: [404],
});

export const apiKeyToken = defineOperation({
  id: 'apiKeyToken',
  method: 'POST',
  path: '/v1/auth/api-key-token',
  tag: 'Authentication',
  summary: 'Exchange a personal API key for a token',
  description:
    'The token can do what the key can do, and ends with it at the latest. The key of an agent is accepted too.',
  access: 'public',
  body: apiKeyTokenRequest,
  answer: { status: 200, description: 'A token.', schema: tokenResponse },
  refusals: [400, 401, 403],
});
