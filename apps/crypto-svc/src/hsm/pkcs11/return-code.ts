import { HsmError, HsmUnavailable } from '../hsm.errors.js';

/** "CKR_…" of an error thrown by pkcs11js, else undefined. */
export function returnCode(error: unknown): string | undefined {
  return error instanceof Error && error.message.startsWith('CKR_')
    ? error.message.split(/[^A-Z0-9_]/, 1)[0]
    : undefined;
}

/** What a module says of itself, its device, or the handles it gave out. Damaged data has other codes, also where they are vague. */
const OF_THE_DEVICE =
  /^CKR_(DEVICE_|TOKEN_NOT_|SESSION_|HOST_MEMORY|SLOT_ID_INVALID|CRYPTOKI_NOT_INITIALIZED|USER_NOT_LOGGED_IN|OPERATION_|(KEY|OBJECT)_HANDLE_INVALID)/;

/** Whether an error can be none of the data that were worked on. */
export function isOfTheDevice(error: unknown): boolean {
  return OF_THE_DEVICE.test(returnCode(error) ?? '');
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
