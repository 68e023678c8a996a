import { z } from 'zod';
import { exactAnswer, instant, requestBody } from '../openapi/schemas.js';

const fingerprint = (description: string) =>
  z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the key, 64 hex digits')
    .meta({ description });

/** Base64 of 32 bytes. What is wrong is said without what was sent. */
const key = (description: string) =>
  z
    .string('is missing: base64 of 32 bytes')
    .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'must be base64 of 32 bytes')
    .meta({ description });

export const enableCmekRequest = requestBody('EnableCmekRequest', {
  fingerprint: fingerprint('Hex SHA-256 of the key, which stays with you.'),
});

export const rotateCmekRequest = requestBody('CmekRotateRequest', {
  new_fingerprint: fingerprint('Hex SHA-256 of the new key.'),
});

export const rotationKeys = z.object({
  'x-cmek-old-key': key('The key that the values are under, base64 of 32 bytes.'),
  'x-cmek-new-key': key('The key that they are to be under, base64 of 32 bytes.'),
});

export const cmekRotationJobResponse = exactAnswer('CmekRotationJobResponse', {
  id: z.uuid(),
  vault_id: z.uuid(),
  old_fingerprint: z.string().optional(),
  new_fingerprint: z.string().optional(),
  status: z.enum(['pending', 'running', 'completed', 'failed']).meta({
    description: '`failed` also where it was interrupted: `error` says what to do.',
  }),
  total_secrets: z.int().meta({ description: 'Versions to be re-encrypted, those of deleted secrets included.' }),
  processed: z.int().meta({ description: 'Versions that are under the new key by now.' }),
  error: z.string().optional(),
  started_at: instant().optional(),
  completed_at: instant().optional(),
  created_at: instant(),
});

export type CmekRotationJobResponse = z.output<typeof cmekRotationJobResponse>;
