import type { AuditAction } from '@oneclaw/events';
import { z } from 'zod';
import { pageQuery, queryNumber, text, uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { secretPath } from './secret-path.js';
import {
  putSecretRequest,
  restoreSecretRequest,
  secretListResponse,
  secretMetadataResponse,
  secretOrVersions,
} from './secrets.schemas.js';
import { preconditionHeaders } from './version-tags.js';

const access = { users: true, agents: true } as const;
const params = z.object({ vault_id: uuid(), path: secretPath });
const tells = { ETag: 'The version, for If-Match and If-None-Match.' };
const auditAs = (action: AuditAction) => ({ action, resource: 'vault', idFrom: 'vault_id' });

export const listSecrets = defineOperation({
  id: 'listSecrets',
  method: 'GET',
  path: '/v1/vaults/:vault_id/secrets',
  tag: 'Secrets',
  summary: 'List secrets',
  description:
    'Metadata of the secrets that the caller may read, ordered by path. Expired and deleted ones are left out. A long list is streamed: it is complete when its JSON is.',
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
  description:
    'Every PUT makes the next version. On a path that was deleted it brings the path back. With `If-Match: "3"` it stores only on top of version 3, with `If-None-Match: *` only where there is no secret (a deleted one counts as none, an expired one does not).',
  access,
  keyScope: 'secrets:write',
  audit: auditAs('secret.write'),
  params,
  headers: preconditionHeaders,
  body: putSecretRequest,
  answer: { status: 201, description: 'Metadata of the new version.', schema: secretMetadataResponse, tells },
  refusals: [404, 412],
});

export const getSecret = defineOperation({
  id: 'getSecret',
  method: 'GET',
  path: '/v1/vaults/:vault_id/secrets/*path',
  tag: 'Secrets',
  summary: 'Read a secret',
  description:
    'The value is answered only after the read is in the audit trail. Paths that the caller may not read answer 403, whether they exist or not. With `If-None-Match` a version that the caller has is answered 304: in the trail, but no access of `max_access_count`. With `?versions=true` the answer lists all versions, newest first, deleted and expired ones too, without values.',
  access,
  keyScope: 'secrets:read',
  audit: auditAs('secret.read'),
  params,
  query: z
    .object({
      version: queryNumber(1, undefined, 'The latest when left out.').optional(),
      versions: z.enum(['true', 'false']).optional().meta({ description: '`true`: list the versions instead.' }),
      limit: queryNumber(1, 1000, 'Of the list of versions: how many to answer at most; 100 when left out.').optional(),
      cursor: text(1024, 'Of the list of versions: the `next_cursor` of the page before.').optional(),
    })
    .refine(({ version, versions }) => version === undefined || versions !== 'true', {
      path: ['version'],
      message: 'must not be given where all versions are listed',
    }),
  headers: preconditionHeaders,
  answer: { status: 200, description: 'The decrypted value, or the versions.', schema: secretOrVersions, tells },
  otherAnswers: { 304: { description: 'The version is one of those in If-None-Match. No body.' } },
  refusals: [404, 410, 412],
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
  headers: preconditionHeaders,
  answer: { status: 204, description: 'The secret is deleted.' },
  refusals: [404, 410, 412],
});

export const restoreSecret = defineOperation({
  id: 'restoreSecret',
  method: 'POST',
  path: '/v1/vaults/:vault_id/restore',
  tag: 'Secrets',
  summary: 'Restore a deleted secret',
  description:
    'Undoes the last deletion of a path: the versions that it took are as they were, with their expiry and their access counts; shares that it ended stay ended. Needs the permission to write.',
  access,
  keyScope: 'secrets:write',
  audit: auditAs('secret.restore'),
  params: z.object({ vault_id: uuid() }),
  body: restoreSecretRequest,
  answer: { status: 200, description: 'Metadata of the latest version.', schema: secretMetadataResponse, tells },
  refusals: [404, 409],
});
