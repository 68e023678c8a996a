import { z } from 'zod';
import { instant, looseAnswer } from '../openapi/schemas.js';

export const kekRotationResponse = looseAnswer('KekRotationResponse', {
  id: z.uuid(),
  vault_id: z.uuid(),
  status: z.enum(['running', 'completed', 'failed']).meta({
    description: '`failed`: everything but the damaged versions has been moved; the old key stays for them.',
  }),
  total_versions: z.int().meta({ description: 'Versions to be moved, those of deleted secrets included.' }),
  rewrapped: z.int().meta({ description: 'Versions that are under the new key by now.' }),
  damaged: z.int().meta({ description: 'Versions that do not open, as they were damaged or tampered with.' }),
  created_at: instant(),
  completed_at: instant().optional(),
});

export type KekRotationResponse = z.output<typeof kekRotationResponse>;
