import { z } from 'zod';
import { jsonObject, optional, wholeNumber } from '../api/fields.js';
import { timestamp } from '../api/timestamp.js';
import { answerSchemas, anyObject, exactAnswer, instant, looseAnswer, requestBody } from '../openapi/schemas.js';
import { secretPath } from './secret-path.js';

export const SECRET_TYPES = [
  'generic',
  'password',
  'api_key',
  'private_key',
  'certificate',
  'file',
  'note',
  'ssh_key',
  'env',
  'env_bundle',
] as const;

export const MAX_VALUE_BYTES = 256 * 1024;

const value = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= MAX_VALUE_BYTES, `must have at most ${MAX_VALUE_BYTES} bytes of UTF-8`)
  .meta({ description: 'Up to 256 KiB of UTF-8; may be empty.', examples: ['sk-live-0123456789'] });

export const putSecretRequest = requestBody('PutSecretRequest', {
  type: optional(z.enum(SECRET_TYPES)).meta({ description: '`generic` when left out.' }),
  value,
  metadata: optional(jsonObject('Any JSON object of up to 16 KiB; answered as it was given.')),
  expires_at: optional(timestamp('From then on reads answer 410.')),
  rotation_policy: optional(jsonObject()),
  max_access_count: optional(wholeNumber(1)).meta({ description: 'How often this version may be read, by anyone.' }),
});

const metadataFields = {
  id: z.uuid().meta({ description: 'The same over all versions.' }),
  path: z.string().meta({ examples: ['api-keys/openai'] }),
  type: z.string(),
  version: z.int().meta({ description: '1, 2, 3 … per path.' }),
  metadata: anyObject(),
  created_at: instant('When this version was stored.'),
  expires_at: instant().optional(),
};

export const secretMetadataResponse = exactAnswer('SecretMetadataResponse', metadataFields);

export const secretResponse = exactAnswer('SecretResponse', {
  ...metadataFields,
  value: z.string(),
  created_by: z.string().meta({ description: '`user:<uuid>` or `agent:<uuid>`.' }),
  cmek_encrypted: z
    .boolean()
    .meta({ description: 'Whether the value is still encrypted with a key that the client keeps.' }),
});

export const secretListResponse = looseAnswer('SecretListResponse', {
  secrets: z.array(secretMetadataResponse),
  next_cursor: z.string().optional(),
});

export const restoreSecretRequest = requestBody('RestoreSecretRequest', { path: secretPath });

const VERSION_STATES = ['live', 'deleted', 'expired', 'used_up'] as const;

const secretVersionEntry = looseAnswer('SecretVersion', {
  ...metadataFields,
  created_by: z.string().meta({ description: '`user:<uuid>` or `agent:<uuid>`.' }),
  state: z.enum(VERSION_STATES).meta({ description: 'Why it cannot be read, or `live`.' }),
  max_access_count: z.int().optional(),
  access_count: z.int().meta({ description: 'How often it was read; counted only where there is a maximum.' }),
  cmek_encrypted: z.boolean(),
});

/** A secret, or with `?versions=true` the list of its versions. */
export const secretOrVersions = z
  .union([
    secretResponse,
    looseAnswer('SecretVersionListResponse', {
      versions: z.array(secretVersionEntry),
      next_cursor: z.string().optional(),
    }),
  ])
  .register(answerSchemas, { id: 'SecretOrVersions' });

export type VersionState = (typeof VERSION_STATES)[number];
export type SecretVersionEntry = z.output<typeof secretVersionEntry>;
export type SecretMetadataResponse = z.output<typeof secretMetadataResponse>;
export type SecretResponse = z.output<typeof secretResponse>;
