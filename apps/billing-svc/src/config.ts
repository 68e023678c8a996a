import { baseFields, integer, listenAddress, secretFile, text } from '@oneclaw/config';
import { z } from 'zod';
import { TIER_NAMES } from './plans/tiers.js';

export const configFields = {
  ...baseFields,
  GRPC_LISTEN: listenAddress(),
  /** postgres://… of the service's own role. */
  DATABASE_URL_FILE: secretFile(),
  DATABASE_POOL_SIZE: integer(2, 100).default(4),
  CRYPTO_SVC_URL: text(),
  /** The tier of orgs that have no other. */
  DEFAULT_TIER: z.enum(TIER_NAMES, `must be one of ${TIER_NAMES.join(', ')}`).default('free'),
};

export type BillingConfig = z.infer<z.ZodObject<typeof configFields>>;

/** Injection token. */
export const CONFIG = Symbol('BillingConfig');
