import { describe, expect, it } from '@jest/globals';
import { AuditEvent } from '@oneclaw/contracts/events';
import { decodeAuditEvent } from './decode-audit-event.js';

const id = '0190b5a0-2222-7222-8222-222222222222';
const message: AuditEvent = {
  id,
  orgId: '0190b5a0-1111-7111-8111-111111111111',
  actorType: 'user',
  actorId: '0190b5a0-3333-7333-8333-333333333333',
  action: 'secret.read',
  resourceType: 'secret',
  resourceId: 's',
  detailsJson: '{ "path": "a/b", "vault_id": "v", "n": 1 }',
  ipAddress: '192.0.2.7',
  requestId: 'r',
  occurredAt: new Date('2026-01-02T03:04:05.678Z'),
};
const decode = (change: Partial<AuditEvent> = {}) =>
  decodeAuditEvent(AuditEvent.encode({ ...message, ...change }).finish(), id);

describe('an audit event off the wire', () => {
  it('keeps its details byte for byte and gives its filter fields', () => {
    expect(decode()).toEqual({
      id,
      orgId: message.orgId,
      actorType: 'user',
      actorId: message.actorId,
      action: 'secret.read',
      resourceType: 'secret',
      resourceId: 's',
      details: message.detailsJson,
      vaultId: 'v',
      path: 'a/b',
      ipAddress: '192.0.2.7',
      requestId: 'r',
      createdAtMicros: 1_767_323_045_678_000,
    });
  });

  it('may have details that name neither vault nor path', () => {
    expect(decode({ detailsJson: '{"path":7,"vault_id":"a\\u0000b"}' })).toMatchObject({ vaultId: null, path: null });
  });

  const refusals: [string, Partial<AuditEvent>, string][] = [
    ['another id than its envelope', { id: message.orgId }, 'envelope'],
    ['an org that is no UUID', { orgId: 'acme' }, 'org_id'],
    ['no action', { action: '' }, 'action is missing'],
    ['no time', { occurredAt: undefined }, 'occurred_at'],
    ['a time in the year 9999', { occurredAt: new Date('9999-01-01') }, 'occurred_at'],
    ['details that are no JSON', { detailsJson: '{' }, 'not JSON'],
    ['details that are a list', { detailsJson: '[]' }, 'not an object'],
    ['details that are null', { detailsJson: 'null' }, 'not an object'],
    ['a NUL', { requestId: 'a\0b' }, 'request_id holds a NUL'],
    ['an overlong id', { resourceId: 'x'.repeat(601) }, 'resource_id is too long'],
  ];

  it.each(refusals)('is refused when it has %s', (_, change, reason) => {
    expect(() => decode(change)).toThrow(reason);
  });

  it('is refused when it is noise', () => {
    expect(() => decodeAuditEvent(Buffer.from([0xff, 0xff]), id)).toThrow();
  });

  it('never repeats its content in the refusal', () => {
    expect(() => decode({ requestId: 'hush\0' })).toThrow(/^(?!.*hush)/);
  });
});
