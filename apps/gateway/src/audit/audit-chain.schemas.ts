import { z } from 'zod';
import { instant, looseAnswer } from '../openapi/schemas.js';

export const checkpoint = looseAnswer('AuditCheckpoint', {
  org_id: z.uuid(),
  position: z.int().meta({ description: 'Of the last event of the chain at that time: 1, 2, 3 …' }),
  event_id: z.uuid(),
  integrity_hash: z.string().meta({ description: 'Of that event, hex.' }),
  created_at: instant(),
  key_id: z.string().meta({ description: 'Which key of `/.well-known/audit-checkpoint-keys.json` verifies it.' }),
  signature: z.string().meta({ description: 'Ed25519, base64.' }),
});

export const chainVerdict = looseAnswer('AuditChainVerdict', {
  chain_valid: z.boolean(),
  events_checked: z.int().meta({ description: 'How many were found right, from the first one on.' }),
  broken_at_event_id: z
    .string()
    .optional()
    .meta({ description: 'The first event that does not fit, or that should be there and is not.' }),
  checkpoint: checkpoint
    .optional()
    .meta({ description: 'The newest one: that the chain ended so at that time, signed in the HSM.' }),
});
