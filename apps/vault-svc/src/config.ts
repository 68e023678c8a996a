import { baseFields, integer, listenAddress, secretFile, text } from '@oneclaw/config';
import type { z } from 'zod';

export const configFields = {
  ...baseFields,
  GRPC_LISTEN: listenAddress(),
  /** postgres://… of the service's own role. */
  DATABASE_URL_FILE: secretFile(),
  DATABASE_POOL_SIZE: integer(8, 200).default(16),
  /** Write transactions at once; each holds a connection while crypto-svc seals. The rest of the pool is for reads. */
  WRITE_CONCURRENCY: integer(1, 100).default(4),
  NATS_URL_FILE: secretFile(),
  CRYPTO_SVC_URL: text(),
  BILLING_SVC_URL: text(),
};

export type VaultConfig = z.infer<z.ZodObject<typeof configFields>>;

/** Injection token. */
export const CONFIG = Symbol('VaultConfig');
