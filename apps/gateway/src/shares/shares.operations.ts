import type { AuditAction } from '@oneclaw/events';
import { z } from 'zod';
import { pageQuery, uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { SHARE_PAGE } from '../pages/share.page.js';
import {
  createShareRequest,
  passphraseHeader,
  sharedSecretResponse,
  shareListResponse,
  shareResponse,
} from './shares.schemas.js';

const access = { users: true, agents: true } as const;
const tag = 'Sharing';
const params = z.object({ share_id: uuid() });
const auditAs = (action: AuditAction) => ({ action, resource: 'share', idFrom: 'share_id' });

export const createShare = defineOperation({
  id: 'createShare',
  method: 'POST',
  path: '/v1/secrets/:secret_id/share',
  tag,
  summary: 'Share a secret',
  description:
    'For those who may read it. A share gives the latest version, by the right of whoever made it: when they lose that right, it opens nothing. An org makes at most 10 shares a minute.',
  access,
  keyScope: 'shares:write',
  audit: { action: 'share.create', resource: 'secret', idFrom: 'secret_id' },
  params: z.object({ secret_id: uuid() }),
  body: createShareRequest,
  answer: { status: 201, description: 'The new share.', schema: shareResponse },
  refusals: [404, 410],
});

export const accessShare = defineOperation({
  id: 'accessShare',
  method: 'GET',
  path: '/v1/share/:share_id',
  tag,
  summary: 'Open a share',
  description:
    'Needs a token only where the share is for somebody in particular, who has to have accepted it. Clients that prefer HTML get a page that opens it when its button is pressed. Five wrong passphrases close a share for 15 minutes.',
  access: 'public',
  visitors: true,
  page: SHARE_PAGE,
  keyScope: 'shares:read',
  audit: auditAs('share.access'),
  params,
  headers: z.object({ 'x-share-passphrase': passphraseHeader }),
  answer: { status: 200, description: 'The secret.', schema: sharedSecretResponse },
  refusals: [400, 403, 404, 410],
});

export const revokeShare = defineOperation({
  id: 'revokeShare',
  method: 'DELETE',
  path: '/v1/share/:share_id',
  tag,
  summary: 'Revoke a share',
  description: 'By whoever made it. It opens nothing from then on.',
  access,
  keyScope: 'shares:write',
  audit: auditAs('share.revoke'),
  params,
  answer: { status: 204, description: 'The share is revoked.' },
  refusals: [404],
});

const list = {
  method: 'GET',
  tag,
  access,
  keyScope: 'shares:read',
  query: z.object(pageQuery),
} as const;

export const listOutboundShares = defineOperation({
  ...list,
  id: 'listOutboundShares',
  path: '/v1/shares/outbound',
  summary: 'List the shares that you made',
  description: 'Newest first, without revoked and declined ones.',
  audit: { action: 'share.list', resource: 'share' },
  answer: { status: 200, description: 'The shares.', schema: shareListResponse },
});

export const listInboundShares = defineOperation({
  ...list,
  id: 'listInboundShares',
  path: '/v1/shares/inbound',
  summary: 'List the shares that are for you',
  description: 'By your id or your verified address; newest first, without revoked and declined ones.',
  audit: { action: 'share.list', resource: 'share' },
  answer: { status: 200, description: 'The shares.', schema: shareListResponse },
});

export const acceptShare = defineOperation({
  id: 'acceptShare',
  method: 'POST',
  path: '/v1/shares/:share_id/accept',
  tag,
  summary: 'Accept a share',
  description: 'By its recipient; may be repeated.',
  access,
  keyScope: 'shares:write',
  audit: auditAs('share.accept'),
  params,
  answer: { status: 204, description: 'The share is accepted.' },
  refusals: [404, 410],
});

export const declineShare = defineOperation({
  id: 'declineShare',
  method: 'POST',
  path: '/v1/shares/:share_id/decline',
  tag,
  summary: 'Decline a share',
  description: 'By its recipient, for good; may be repeated.',
  access,
  keyScope: 'shares:write',
  audit: auditAs('share.decline'),
  params,
  answer: { status: 204, description: 'The share is declined.' },
  refusals: [404],
});
