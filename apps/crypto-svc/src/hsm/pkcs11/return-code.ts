import { HsmError, HsmUnavailable } from '../hsm.errors.js';

/** "CKR_…" of an error thrown by pkcs11js, else undefined. */
export function returnCode(error: unknown): string | undefined {
  return error instanceof Error && error.message.startsWith('CKR_')
    ? error.message.split(/[^A-Z0-9_]/, 1)[0]
    : undefined;
}

/** For operators: the code and the function, never data. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const method = (error as { method?: unknown }).method;
  return typeof method === 'string' && method !== '' ? `${error.message} in ${method}` : error.message;
}

/** Passes HSM errors on; anything else means that the device cannot be relied on. */
export function asHsmError(error: unknown): HsmError {
  return error instanceof HsmError ? error : new HsmUnavailable(`The HSM failed: ${describe(error)}.`);
}
