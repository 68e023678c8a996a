import { z } from 'zod';
import { clearable, jsonObject, optional, text, uuid } from '../api/fields.js';
import { timestamp } from '../api/timestamp.js';
import { anyObject, exactAnswer, instant, looseAnswer, requestBody } from '../openapi/schemas.js';

const permissions = z
  .array(z.enum(['read', 'write', 'delete']))
  .min(1)
  .max(16)
  .meta({ description: '`write` includes deleting.', examples: [['read']] });
const conditions = 'All of `ip_allowlist` and `time_window` that are given must hold when the secret is used.';
const pattern = '`*` stands for one segment or a part of one, `**` for any number of segments.';

export const createPolicyRequest = requestBody('CreatePolicyRequest', {
  secret_path_pattern: text(512, pattern).meta({ examples: ['api-keys/*'] }),
  principal_type: z.enum(['user', 'agent']),
  principal_id: uuid('Somebody of this org.'),
  permissions,
  conditions: optional(jsonObject(conditions)),
  expires_at: optional(timestamp()),
});

export const updatePolicyRequest = requestBody('UpdatePolicyRequest', {
  permissions: optional(permissions),
  conditions: clearable(jsonObject(conditions)),
  expires_at: clearable(timestamp()),
});

export const policyResponse = exactAnswer('PolicyResponse', {
  id: z.uuid(),
  vault_id: z.uuid(),
  secret_path_pattern: z.string(),
  principal_type: z.string(),
  principal_id: z.string(),
  permissions: z.array(z.string()),
  conditions: anyObject(),
  expires_at: instant().optional(),
  created_by: z.string().meta({ description: 'A bare UUID; `created_by_type` says of what.' }),
  created_by_type: z.string(),
  created_at: instant(),
});

export const policyListResponse = looseAnswer('PolicyListResponse', {
  policies: z.array(policyResponse),
  next_cursor: z.string().optional(),
});

export type PolicyResponse = z.output<typeof policyResponse>;
