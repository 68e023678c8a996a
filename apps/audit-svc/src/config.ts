import { baseFields, integer, listenAddress, secretFile, text } from '@oneclaw/config';
import type { z } from 'zod';

export const configFields = {
  ...baseFields,
  GRPC_LISTEN: listenAddress(),
  /** postgres://… of the service's own role, which can add events and change none. */
  DATABASE_URL_FILE: secretFile(),
  DATABASE_POOL_SIZE: integer(2, 100).default(6),
  NATS_URL_FILE: secretFile(),
  /** Copies of each stream in the NATS cluster. */
  NATS_STREAM_REPLICAS: integer(1, 5).default(1),
  CRYPTO_SVC_URL: text(),
  /** How long a chain's growth may go without a signed checkpoint: what somebody with the database could rewrite unseen. */
  CHECKPOINT_INTERVAL_SECONDS: integer(1, 86_400).default(60),
};

export type AuditConfig = z.infer<z.ZodObject<typeof configFields>>;

/** Injection token. */
export const CONFIG = Symbol('AuditConfig');
