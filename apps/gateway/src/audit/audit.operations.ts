import { z } from 'zod';
import { pageQuery, queryNumber, text } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { queryTimestamp } from '../api/timestamp.js';
import { DEFAULT_LIMIT, auditEventsResponse } from './audit.schemas.js';

export const queryAuditEvents = defineOperation({
  id: 'queryAuditEvents',
  method: 'GET',
  path: '/v1/audit/events',
  tag: 'Audit',
  summary: 'Query the audit trail',
  description: 'Newest first. Owners and admins see the trail of the org, members and agents their own events.',
  access: { users: true, agents: true },
  keyScope: 'audit:read',
  audit: { action: 'audit.read', resource: 'audit' },
  query: z.object({
    resource_id: text(512, 'Matches the resource, the vault of a secret, or the path of a secret.').optional(),
    actor_id: text(128).optional(),
    action: text(128).optional(),
    from: queryTimestamp('Events from then on, that moment included.').optional(),
    to: queryTimestamp('Events until then, that moment included.').optional(),
    ...pageQuery,
    limit: queryNumber(1, 1000, `How many events to answer at most; ${DEFAULT_LIMIT} when left out.`).optional(),
    offset: queryNumber(0, undefined, 'How many to skip; `cursor` is faster.').optional(),
  }),
  answer: { status: 200, description: 'A page of events.', schema: auditEventsResponse },
});
