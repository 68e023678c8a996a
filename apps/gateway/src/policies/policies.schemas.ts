import { isIP } from 'node:net';
import { z } from 'zod';
import { clearable, jsonObject, optional, text, uuid } from '../api/fields.js';
import { timestamp } from '../api/timestamp.js';
import { secretPath } from '../secrets/secret-path.js';
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

const address = z
  .string()
  .max(64)
  .refine((value) => isIP(value) !== 0, 'must be an IPv4 or IPv6 address');

export const explainAccessRequest = requestBody('ExplainAccessRequest', {
  principal_type: z.enum(['user', 'agent']),
  principal_id: uuid('Somebody of this org.'),
  path: secretPath,
  permission: z.enum(['read', 'write', 'delete']).meta({ description: '`read` also decides lists and shares.' }),
  ip: optional(
    address.meta({ description: 'Where the principal would call from; without it, no `ip_allowlist` is met.' }),
  ),
  at: optional(timestamp('The moment to ask about; now when left out.')),
});

const LAYERS = ['principal', 'vault_binding', 'scope', 'system_vault', 'owner', 'policy', 'default_deny'] as const;
const CHECKS = ['pattern', 'permission', 'expired', 'ip_allowlist', 'time_window'] as const;

export const explainAccessResponse = looseAnswer('ExplainAccessResponse', {
  allowed: z.boolean(),
  layer: z.enum(LAYERS).meta({
    description:
      'What decided: the principal cannot call at all, the vaults or paths that it is bound to, the vault of agent keys, having created ' +
      'the vault, a policy, or that nothing allows it.',
  }),
  reason: z
    .string()
    .meta({ description: 'A stable code, the one that the audit trail has.', examples: ['policy_expired'] }),
  detail: z.string(),
  policy_id: z.uuid().optional().meta({ description: 'The policy that allows it.' }),
  at: instant('The moment that was asked about.'),
  policies: z
    .array(
      z.object({
        policy_id: z.uuid(),
        secret_path_pattern: z.string(),
        allows: z.boolean(),
        mismatches: z.array(z.object({ check: z.enum(CHECKS), detail: z.string() })),
      }),
    )
    .meta({
      description: 'The policies of the principal in this vault, those nearest to allowing it first, at most 200.',
    }),
  policies_omitted: z.number().int().meta({ description: 'How many more there are.' }),
  notes: z.array(z.string()).meta({ description: 'What else may keep the principal from it.' }),
});

export type ExplainAccessResponse = z.output<typeof explainAccessResponse>;
export type PolicyResponse = z.output<typeof policyResponse>;
