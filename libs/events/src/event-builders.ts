import { encode } from '@oneclaw/contracts/encode';
import { AuditEvent, IdentityEvent, MailMessage, type SealedMailParams } from '@oneclaw/contracts/events';
import type { AuditAction } from './audit-actions.js';
import { newEventId } from './event-id.js';
import type { OutboxEvent } from './outbox/append-events.js';

/** Where no org or actor is known, e.g. the failed login of an unknown address. */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';

export interface AuditFields {
  /** Default: the nil UUID. */
  orgId?: string | undefined;
  actorType: 'user' | 'agent' | 'system' | 'anonymous';
  /** Default: the nil UUID. */
  actorId?: string | undefined;
  action: AuditAction;
  resourceType: string;
  resourceId?: string | undefined;
  /** `vault_id` and `path` are what trails are filtered by. Never a value, key or token. */
  details?: Readonly<Record<string, unknown>>;
  ipAddress?: string | undefined;
  requestId?: string | undefined;
}

/** An event of the audit trail, happening now. */
export function auditEvent(fields: AuditFields): OutboxEvent {
  const id = newEventId();
  const message: AuditEvent = {
    id,
    orgId: fields.orgId ?? NIL_UUID,
    actorType: fields.actorType,
    actorId: fields.actorId ?? NIL_UUID,
    action: fields.action,
    resourceType: fields.resourceType,
    resourceId: fields.resourceId ?? '',
    detailsJson: JSON.stringify(fields.details ?? {}),
    ipAddress: fields.ipAddress ?? '',
    requestId: fields.requestId ?? '',
    occurredAt: new Date(),
  };
  return { family: 'audit', id, payload: encode(AuditEvent, message) };
}

export interface IdentityFields {
  orgId: string;
  /** "agent.created", "org.deleted" … */
  kind: string;
  /** The user, agent or org. */
  subjectId: string;
}

/** A step in the life of a user, agent or org, happening now. */
export function identityEvent(fields: IdentityFields): OutboxEvent {
  const id = newEventId();
  return { family: 'identity', id, payload: encode(IdentityEvent, { id, ...fields, occurredAt: new Date() }) };
}

export interface MailFields {
  /** UUIDv7. Default: a new one. What is sealed in the mail is bound to it. */
  id?: string;
  /** Default: the nil UUID. */
  orgId?: string | undefined;
  /** The template: auth-svc's `mail/mail-kinds.ts` says what each needs. */
  kind: string;
  /** One address. */
  to: string;
  /** Nothing secret. */
  params: Readonly<Record<string, string>>;
  sealedParams?: SealedMailParams;
}

/** A mail that auth-svc is to send. */
export function mailEvent({
  id = newEventId(),
  orgId = NIL_UUID,
  kind,
  to,
  params,
  sealedParams,
}: MailFields): OutboxEvent {
  const message: MailMessage = { id, orgId, kind, to, params: { ...params }, sealedParams, occurredAt: new Date() };
  return { family: 'mail', id, payload: encode(MailMessage, message) };
}
