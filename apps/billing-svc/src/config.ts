import { baseFields, duration, integer, listenAddress, secretFile, text } from '@oneclaw/config';
import { z } from 'zod';
import { TIER_NAMES } from './plans/tiers.js';

export const configFields = {
  ...baseFields,
  GRPC_LISTEN: listenAddress(),
  /** postgres://… of the service's own role. */
  DATABASE_URL_FILE: secretFile(),
  DATABASE_POOL_SIZE: integer(2, 100).default(6),
  NATS_URL_FILE: secretFile(),
  CRYPTO_SVC_URL: text(),
  /** The tier of orgs that have no other. */
  DEFAULT_TIER: z.enum(TIER_NAMES, `must be one of ${TIER_NAMES.join(', ')}`).default('free'),
  /** How long a gateway's share of an org's requests stays reserved without a word from it. */
  QUOTA_LEASE_TTL: duration().pipe(z.number().min(2000, 'must be at least 2s')).default(30_000),
  /** Full months for which single requests are kept. Sums are kept for ever. */
  USAGE_HISTORY_MONTHS: integer(3, 120).default(13),
};

export type BillingConfig = z.infer<z.ZodObject<typeof configFields>>;

/** Injection token. */
export const CONFIG = Symbol('BillingConfig');
