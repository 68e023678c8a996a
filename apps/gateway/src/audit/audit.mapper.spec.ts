import { describe, expect, it } from '@jest/globals';
import { AuditRecord } from '@oneclaw/contracts/audit';
import { toEventResponse, toListRequest } from './audit.mapper.js';
import { queryAuditEvents } from './audit.operations.js';

describe('an event of the trail', () => {
  it('has its details as an object and null where there is nothing', () => {
    const record = AuditRecord.fromPartial({
      id: 'e',
      orgId: 'o',
      actorType: 'user',
      actorId: 'u',
      action: 'secret.read',
      detailsJson: '{"path":"a"}',
      createdAt: new Date(0),
      integrityHash: 'h',
    });
    expect(toEventResponse(record)).toEqual({
      id: 'e',
      org_id: 'o',
      actor_type: 'user',
      actor_id: 'u',
      action: 'secret.read',
      resource_type: null,
      resource_id: null,
      details: { path: 'a' },
      ip_address: null,
      request_id: null,
      created_at: '1970-01-01T00:00:00.000Z',
      prev_event_id: null,
      integrity_hash: 'h',
    });
  });
});

describe('a query of the trail', () => {
  const query = (text: object) =>
    toListRequest({ params: undefined, query: queryAuditEvents.query.parse(text), body: undefined });

  it('asks for a hundred events unless told otherwise', () => {
    expect(query({})).toEqual({
      resourceId: '',
      actorId: '',
      action: '',
      from: undefined,
      to: undefined,
      offset: 0,
      page: { limit: 100, cursor: '' },
    });
  });

  it('passes every filter on', () => {
    expect(
      query({
        resource_id: 'a/b',
        actor_id: 'u',
        action: 'secret.read',
        from: '1970-01-01T00:00:00Z',
        limit: '5',
        offset: '2',
        cursor: 'c',
      }),
    ).toMatchObject({
      resourceId: 'a/b',
      actorId: 'u',
      action: 'secret.read',
      from: new Date(0),
      offset: 2,
      page: { limit: 5, cursor: 'c' },
    });
  });
});
