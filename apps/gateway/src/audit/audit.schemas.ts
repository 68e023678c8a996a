import { z } from 'zod';
import { anyObject, instant, looseAnswer } from '../openapi/schemas.js';

/** Events on a page when the client does not say. */
export const DEFAULT_LIMIT = 100;

export const auditEvent = looseAnswer('AuditEvent', {
  id: z.uuid(),
  org_id: z.uuid(),
  actor_type: z.string().meta({ description: '`user`, `agent`, `system` or `anonymous`.' }),
  actor_id: z.string().nullable(),
  action: z.string().meta({ examples: ['secret.read'] }),
  resource_type: z.string().nullable(),
  resource_id: z.string().nullable(),
  details: anyObject('For refusals `outcome` is `denied`, with the reason.'),
  ip_address: z.string().nullable(),
  request_id: z.string().nullable(),
  created_at: instant(),
  prev_event_id: z
    .string()
    .nullable()
    .meta({ description: 'The event before it in the chain of the org; the first has none.' }),
  integrity_hash: z
    .string()
    .meta({ description: 'Hex SHA-256 over the hash before it and every field of this event.' }),
});

export const auditEventsResponse = looseAnswer('AuditEventsResponse', {
  events: z.array(auditEvent),
  count: z.int().meta({ description: 'How many there are on this page.' }),
  next_cursor: z.string().optional(),
});

export type AuditEventResponse = z.output<typeof auditEvent>;
