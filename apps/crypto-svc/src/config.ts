import { baseFields, duration, integer, listenAddress, z } from '@oneclaw/config';
import { tokenFields } from './hsm/hsm.config.js';

export const configFields = {
  ...baseFields,
  ...tokenFields,
  GRPC_LISTEN: listenAddress(),
  /** Threads that talk to the HSM, one session each. */
  HSM_WORKERS: integer(1, 64).default(2),
  /** How long a call waits for a worker, and again how long a worker may take, before the answer is "unavailable". */
  HSM_CALL_TIMEOUT: duration().default(3000),
  /** Calls that wait for a worker; more are refused. */
  HSM_QUEUE_LIMIT: integer(1, 1_000_000).default(10_000),
  /** KEKs kept unwrapped per session; each costs the HSM one session object. */
  HSM_KEK_CACHE: integer(1, 100_000).default(1000),
};

export type CryptoConfig = z.infer<z.ZodObject<typeof configFields>>;
