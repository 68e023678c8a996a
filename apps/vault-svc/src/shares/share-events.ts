import { type Caller, type Principal, subjectOf } from '@oneclaw/caller';
import { auditEvent, mailEvent, type AuditFields, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { actorOf, originOf, type Actor } from '../audit/audit-trail.js';
import type { NewShare, Share } from './share.entity.js';

export type ShareAction = 'share.create' | 'share.access' | 'share.accept' | 'share.decline' | 'share.revoke';

/** The path of the secret in its vault. */
type Place = Pick<Share, 'vaultId' | 'path'>;

/** What somebody does with a share, for the trail of the share's org; nobody in particular where there is no caller. */
export function shareAttempt(action: ShareAction, share: Share, call: CallContext): AuditFields {
  return {
    ...visitorOf(call.caller, share.orgId),
    ...originOf(call),
    action,
    resourceType: 'share',
    resourceId: share.id,
    details: placeOf(share),
  };
}

/** What somebody tries with an id that names no share, for the trail of their own org. */
export function unknownShareAttempt(
  action: ShareAction,
  shareId: string,
  caller: Caller,
  call: CallContext,
): AuditFields {
  return { ...actorOf(caller), ...originOf(call), action, resourceType: 'share', resourceId: shareId };
}

export function createAttempt(secretId: string, caller: Caller, call: CallContext): AuditFields {
  const secret = { resourceType: 'secret', resourceId: secretId };
  return { ...actorOf(caller), ...originOf(call), action: 'share.create', ...secret };
}

export function createdEvent(share: NewShare & Place, caller: Caller, call: CallContext): OutboxEvent {
  const { recipient } = share;
  return auditEvent({
    ...actorOf(caller),
    ...originOf(call),
    action: 'share.create',
    resourceType: 'share',
    resourceId: share.id,
    details: {
      ...placeOf(share),
      recipient_type: recipient.type,
      recipient_id: recipient.id ?? undefined,
      recipient_email: recipient.email ?? undefined,
      expires_at: share.expiresAt,
      max_access_count: share.maxAccessCount,
      passphrase: share.passphraseHash !== null,
      ip_allowlist: share.ipAllowlist,
    },
  });
}

export function accessedEvent(attempt: AuditFields, version: number, accessCount: number): OutboxEvent {
  return auditEvent({ ...attempt, details: { ...attempt.details, version, access_count: accessCount } });
}

/** To the address that was shared with. */
export function invitationMail(share: NewShare, { orgId, email }: Caller): OutboxEvent {
  const params = { shared_by: email ?? '', share_id: share.id, expires_at: share.expiresAt.toISOString() };
  return mailEvent({ orgId, kind: 'share_invitation', to: share.recipient.email ?? '', params });
}

/** To the human of whoever shared. */
export function accessMail(share: Share, to: string, accessCount: number, call: CallContext): OutboxEvent {
  const params = {
    path: share.path,
    accessed_by: nameOf(call.caller),
    accessed_at: new Date().toISOString(),
    ip_address: call.clientIp,
    accesses: share.maxAccessCount === null ? `${accessCount}` : `${accessCount} of ${share.maxAccessCount}`,
  };
  return mailEvent({ orgId: share.orgId, kind: 'share_accessed', to, params });
}

/** Who uses a share, in the trail of the org whose secret it is. */
export function visitorOf(visitor: Principal | undefined, orgId: string): Actor {
  return visitor ? { ...actorOf(visitor), orgId } : { orgId, actorType: 'anonymous' };
}

function placeOf({ secretId, vaultId, path }: Place & Pick<NewShare, 'secretId'>) {
  return { secret_id: secretId, vault_id: vaultId, path };
}

function nameOf(visitor: Caller | undefined): string {
  if (!visitor) return 'somebody who has the link';
  return visitor.email ?? subjectOf(visitor);
}
