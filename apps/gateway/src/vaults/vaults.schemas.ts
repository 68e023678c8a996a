import { z } from 'zod';
import { freeText, optional, text } from '../api/fields.js';
import { instant, looseAnswer, exactAnswer, requestBody } from '../openapi/schemas.js';

export const createVaultRequest = requestBody('CreateVaultRequest', {
  name: text(128, 'Need not be unique. `__agent-keys` is reserved.').meta({ examples: ['production'] }),
  description: optional(freeText(1024)),
});

export const vaultResponse = exactAnswer('VaultResponse', {
  id: z.uuid(),
  name: z.string(),
  description: z.string().optional(),
  created_by: z.string().meta({ description: 'UUID of the person who made it.' }),
  created_by_type: z
    .string()
    .meta({ description: '`user`, or `system` for the vault that keeps the key pairs of agents.' }),
  created_at: instant(),
  cmek_enabled: z.boolean().meta({ description: 'Whether values are encrypted with a key that the client keeps.' }),
  cmek_fingerprint: z.string().optional().meta({ description: 'Hex SHA-256 of that key.' }),
});

export const vaultListResponse = looseAnswer('VaultListResponse', {
  vaults: z.array(vaultResponse),
  next_cursor: z.string().optional(),
});

export type VaultResponse = z.output<typeof vaultResponse>;
