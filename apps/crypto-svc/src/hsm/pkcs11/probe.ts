import { randomBytes } from 'node:crypto';
import { HsmUnavailable } from '../hsm.errors.js';
import type { Kek } from '../hsm.port.js';
import { DEK_BYTES, GCM_IV_BYTES, bindingAssociatedData } from '../kek.js';
import { gcmDecrypt, gcmEncrypt } from './gcm.js';
import { unwrapKek } from './operations.js';
import { asHsmError } from './return-code.js';
import type { TokenSession } from './token-session.js';

/**
 * Proves that the token works: unwraps a test KEK with the root key, encrypts a random value and decrypts it again.
 * The root key is used each time because session objects keep working in memory after the token itself is gone.
 */
export function probe(token: TokenSession, testKek: Kek): void {
  try {
    if (!roundTrip(token, testKek)) throw new HsmUnavailable('The HSM does not decrypt what it encrypted.');
  } catch (error) {
    throw asHsmError(error);
  }
}

function roundTrip(token: TokenSession, testKek: Kek): boolean {
  const { session } = token;
  const key = unwrapKek(token, testKek);
  const value = randomBytes(DEK_BYTES);
  const iv = randomBytes(GCM_IV_BYTES);
  const associatedData = bindingAssociatedData(testKek);
  const opened = gcmDecrypt(session, key, iv, associatedData, gcmEncrypt(session, key, iv, associatedData, value));
  session.destroy(key);
  return opened.equals(value);
}
