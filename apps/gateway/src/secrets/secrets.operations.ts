import { z } from 'zod';
import { pageQuery, queryNumber, uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { secretPath } from './secret-path.js';
import { putSecretRequest, secretListResponse, secretMetadataResponse, secretResponse } from './secrets.schemas.js';

const access = { users: true, agents: true } as const;
const params = z.object({ vault_id: uuid(), path: secretPath });
const auditAs = (action: string) => ({ action, resource: 'vault', idFrom: 'vault_id' });

export const listSecrets = defineOperation({
  id: 'listSecrets',
  method: 'GET',
  path: '/v1/vaults/:vault_id/secrets',
  tag: 'Secrets',
  summary: 'List secrets',
  description:
    'Metadata of the secrets that the caller may read, ordered by path. Expired and deleted ones are left out.',
  access,
  keyScope: 'secrets:read',
  audit: auditAs('secret.list'),
  params: z.object({ vault_id: uuid() }),
  query: z.object({
    prefix: z.string().max(512).optional().meta({ description: 'Only paths that begin with this text.' }),
    ...pageQuery,
  }),
  answer: { status: 200, description: 'Metadata, never values.', schema: secretListResponse },
  refusals: [404],
});

export const putSecret = defineOperation({
  id: 'putSecret',
  method: 'PUT',
  path: '/v1/vaults/:vault_id/secrets/*path',
  tag: 'Secrets',
  summary: 'Store a secret',
  description: 'Every PUT makes the next version. On a path that was deleted it brings the path back.',
  access,
  keyScope: 'secrets:write',
  audit: auditAs('secret.write'),
  params,
  body: putSecretRequest,
  answer: { status: 201, description: 'Metadata of the new version.', schema: secretMetadataResponse },
  refusals: [404],
});

export const getSecret = defineOperation({
  id: 'getSecret',
  method: 'GET',
  path: '/v1/vaults/:vault_id/secrets/*path',
  tag: 'Secrets',
  summary: 'Read a secret',
  description:
    'The value is answered only after the read is in the audit trail. Paths that the caller may not read answer 403, whether they exist or not.',
  access,
  keyScope: 'secrets:read',
  audit: auditAs('secret.read'),
  params,
  query: z.object({ version: queryNumber(1, undefined, 'The latest when left out.').optional() }),
  answer: { status: 200, description: 'The decrypted value.', schema: secretResponse },
  refusals: [404, 410],
});

export const deleteSecret = defineOperation({
  id: 'deleteSecret',
  method: 'DELETE',
  path: '/v1/vaults/:vault_id/secrets/*path',
  tag: 'Secrets',
  summary: 'Delete a secret',
  description: 'All versions of it. Reading it answers 410 from then on.',
  access,
  keyScope: 'secrets:write',
  audit: auditAs('secret.delete'),
  params,
  answer: { status: 204, description: 'The secret is deleted.' },
  refusals: [404, 410],
});
