import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { optional, text, uuid, wholeNumber } from '../api/fields.js';
import { timestamp } from '../api/timestamp.js';
import { instant, looseAnswer, requestBody } from '../openapi/schemas.js';

const RECIPIENT_TYPES = ['user', 'agent', 'external_email', 'anyone_with_link', 'creator'] as const;

export const createShareRequest = requestBody('CreateShareRequest', {
  recipient_type: z.enum(RECIPIENT_TYPES).meta({
    description: '`creator`: the human who registered the agent that shares. `external_email`: for people only.',
  }),
  recipient_id: optional(uuid('Of the user or agent; somebody of this org.')),
  email: optional(text(320, 'Of `external_email`: whoever has verified this address.')),
  permissions: optional(
    z
      .array(z.enum(['read']))
      .min(1)
      .max(16),
  ),
  max_access_count: optional(wholeNumber(1)).meta({
    description: 'How often it may be opened; no limit when left out.',
  }),
  expires_at: timestamp('Within a year.'),
  passphrase: optional(text(256, 'Needed besides, to open it.')),
  ip_allowlist: optional(z.array(text(64)).min(1).max(256)).meta({
    description: 'Addresses and CIDRs that it may be opened from.',
  }),
});

const nullableCount = () => z.int().nullable().meta({ description: '`null` = no limit.' });

export const shareResponse = looseAnswer('ShareResponse', {
  id: z.uuid().meta({ description: 'Keep it to yourself: with `anyone_with_link` it is all that is needed.' }),
  share_url: z.string().meta({ schema: { type: 'string', format: 'uri' } }),
  recipient_type: z.string(),
  recipient_email: z.string().optional(),
  expires_at: instant(),
  max_access_count: nullableCount(),
});

export const sharedSecretResponse = looseAnswer('SharedSecretResponse', {
  id: z.uuid().meta({ description: 'Of the share.' }),
  path: z.string(),
  type: z.string(),
  value: z.string(),
  access_count: z.int().meta({ description: 'This access included.' }),
  max_access_count: nullableCount(),
});

const shareListItem = looseAnswer('ShareListItem', {
  id: z.uuid(),
  secret_path: z.string(),
  recipient_type: z.string(),
  recipient_email: z.string().optional(),
  access_count: z.int(),
  max_access_count: nullableCount(),
  expires_at: instant(),
  created_at: instant(),
  is_expired: z.boolean(),
  is_accepted: z.boolean(),
});

export const shareListResponse = looseAnswer('ShareListResponse', {
  shares: z.array(shareListItem),
  next_cursor: z.string().optional(),
});

/**
 * A passphrase, as a header can carry it: clients send UTF-8, or Latin-1 where that is all they know; Node reads bytes as Latin-1. An
 * empty one is none.
 */
export const passphraseHeader = z
  .string()
  .optional()
  .transform((value) => (value ? decodeHeader(value) : undefined))
  .meta({ schema: { type: 'string' }, description: 'Of a share that has one; UTF-8.' });

function decodeHeader(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

export type ShareResponse = z.output<typeof shareResponse>;
export type SharedSecretResponse = z.output<typeof sharedSecretResponse>;
export type ShareListItem = z.output<typeof shareListItem>;
