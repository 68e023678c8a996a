import { z } from 'zod';
import { optional, text } from '../api/fields.js';
import { timestamp } from '../api/timestamp.js';
import { instant, looseAnswer, requestBody } from '../openapi/schemas.js';

const SCOPES =
  'Entries without `:` are path patterns, a ceiling on secret paths: on what it reads, writes, lists, shares and grants by policies. Entries `area:read`, `area:write` (which includes read) and `area:*` limit the key to areas: vaults, secrets, policies, agents, shares, audit, billing, org. None: all that its user may do. A key that is to use secrets only has areas too: one that may rotate the keys of agents can become them.';

export const createApiKeyRequest = requestBody('CreateApiKeyRequest', {
  name: text(128).meta({ examples: ['ci'] }),
  scopes: optional(z.array(text(512)).max(64)).meta({ description: SCOPES, examples: [['app/**', 'secrets:read']] }),
  expires_at: optional(timestamp('In the future; a key without it does not expire.')),
});

export const apiKeyTokenRequest = requestBody('UserApiKeyTokenRequest', {
  api_key: text(512).meta({ description: 'A personal key (`1ck_…`), or that of an agent (`ocv_…`).' }),
});

export const apiKeyResponse = looseAnswer('ApiKeyResponse', {
  id: z.uuid(),
  name: z.string(),
  key_prefix: z.string().meta({ description: 'The first characters of the key.' }),
  scopes: z.array(z.string()),
  is_active: z.boolean().meta({ description: 'False once it has expired.' }),
  created_at: instant(),
  expires_at: instant().optional(),
  last_used_at: instant('To the minute.').optional(),
});

export const apiKeyCreatedResponse = looseAnswer('ApiKeyCreatedResponse', {
  key: apiKeyResponse,
  api_key: z.string().meta({ description: 'Shown this once. Send it as `Authorization: Bearer`, or exchange it.' }),
});

export const apiKeyListResponse = looseAnswer('ApiKeyListResponse', { keys: z.array(apiKeyResponse) });

export type ApiKeyResponse = z.output<typeof apiKeyResponse>;
