import { z } from 'zod';
import { queryNumber } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { jwksResponse } from '../auth/auth.schemas.js';
import { chainVerdict } from './audit-chain.schemas.js';

const tag = 'Audit';
const KEYS_CACHE_SECONDS = 300;

export const verifyAuditChain = defineOperation({
  id: 'verifyAuditChain',
  method: 'GET',
  path: '/v1/audit/verify',
  tag,
  summary: "Recompute the chain of the org's trail",
  description:
    'Every hash is computed anew from what is stored, and held against the signed checkpoints. Owners and admins only. ' +
    'While a long chain is computed, the answer begins with white space.',
  access: { users: true, agents: false, only: 'managers' },
  keyScope: 'audit:read',
  audit: { action: 'audit.verify', resource: 'audit' },
  answer: { status: 200, description: 'Whether the chain is whole.', schema: chainVerdict },
});

export const exportAuditTrail = defineOperation({
  id: 'exportAuditTrail',
  method: 'GET',
  path: '/v1/audit/export',
  tag,
  summary: "Export the org's trail so that others can verify it",
  description:
    'A header, every event of the chain in its order, and the signed checkpoints, a JSON object a line; the export itself is the ' +
    'last event. Owners and admins only. `npm run audit:verify` checks such a file with nothing but the public key.',
  access: { users: true, agents: false, only: 'managers' },
  keyScope: 'audit:read',
  audit: { action: 'audit.export', resource: 'audit' },
  query: z.object({
    after_position: queryNumber(
      0,
      undefined,
      'Only events behind this position, the last of an earlier export.',
    ).optional(),
  }),
  answer: { status: 200, description: 'The export.', media: 'application/x-ndjson' },
});

export const getCheckpointKeys = defineOperation({
  id: 'getCheckpointKeys',
  method: 'GET',
  path: '/.well-known/audit-checkpoint-keys.json',
  tag,
  summary: 'Get the keys that verify checkpoints of the trail',
  description:
    'A JWK Set (RFC 7517, RFC 8037). Whoever doubts this server takes them from the HSM: `npm run hsm -- checkpoint-keys`.',
  access: 'public',
  answer: { status: 200, description: 'The public halves.', schema: jwksResponse },
  cacheSeconds: KEYS_CACHE_SECONDS,
});
