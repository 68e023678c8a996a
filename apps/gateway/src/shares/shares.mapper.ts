import type { CreateShareRequest, OpenShareResponse, Share } from '@oneclaw/contracts/vault';
import type { InputOf } from '../api/operation.js';
import { instantOf, present } from '../api/wire.js';
import type { createShare } from './shares.operations.js';
import type { ShareListItem, ShareResponse, SharedSecretResponse } from './shares.schemas.js';

export function toCreateRequest(
  { params, body }: InputOf<typeof createShare>,
  recipientAttestation: string,
): CreateShareRequest {
  return {
    secretId: params.secret_id,
    recipientType: body.recipient_type,
    recipientId: body.recipient_id ?? '',
    email: body.email ?? '',
    permissions: body.permissions ?? [],
    maxAccessCount: body.max_access_count,
    expiresAt: body.expires_at,
    passphrase: body.passphrase,
    ipAllowlist: body.ip_allowlist ?? [],
    recipientAttestation,
  };
}

/** @param publicUrl where clients find us */
export function toShareResponse(found: Share | undefined, publicUrl: string): ShareResponse {
  const share = present(found, 'the share');
  return {
    id: share.id,
    share_url: new URL(`/v1/share/${share.id}`, publicUrl).href,
    recipient_type: share.recipientType,
    recipient_email: share.recipientEmail,
    expires_at: instantOf(share.expiresAt),
    max_access_count: share.maxAccessCount ?? null,
  };
}

export function toShareListItem(share: Share): ShareListItem {
  return {
    id: share.id,
    secret_path: share.secretPath,
    recipient_type: share.recipientType,
    recipient_email: share.recipientEmail,
    access_count: share.accessCount,
    max_access_count: share.maxAccessCount ?? null,
    expires_at: instantOf(share.expiresAt),
    created_at: instantOf(share.createdAt),
    is_expired: share.isExpired,
    is_accepted: share.isAccepted,
  };
}

export function toSharedSecretResponse(opened: OpenShareResponse): SharedSecretResponse {
  const { id, path, type, value, accessCount, maxAccessCount } = opened;
  const counts = { access_count: accessCount, max_access_count: maxAccessCount ?? null };
  return { id, path, type, value: value.toString('utf8'), ...counts };
}
