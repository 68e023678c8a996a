import { baseFields, integer, listenAddress, secretFile, text } from '@oneclaw/config';
import type { z } from 'zod';

export const configFields = {
  ...baseFields,
  GRPC_LISTEN: listenAddress(),
  /** postgres://… of the service's own role. */
  DATABASE_URL_FILE: secretFile(),
  DATABASE_POOL_SIZE: integer(2, 100).default(4),
  CRYPTO_SVC_URL: text(),
};

export type BillingConfig = z.infer<z.ZodObject<typeof configFields>>;

/** Injection token. */
export const CONFIG = Symbol('BillingConfig');
