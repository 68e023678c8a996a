import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Key, Session } from 'graphene-pk11';
import { ED25519_SIGNATURE_BYTES, verifyEd25519 } from '../ed25519.js';
import { HsmFailing } from '../hsm.errors.js';
import type { Kek, SigningUse } from '../hsm.port.js';
import { GCM_IV_BYTES, KEK_ID_BYTES, bindingAssociatedData, encodeKek } from '../kek.js';
import { gcmDecrypt, gcmEncrypt } from './gcm.js';
import { unwrapKey, wrapKey } from './key-wrap.js';
import { AES_KEY, EDDSA, HMAC_SHA256, NEW_KEK, REWRAPPED_KEK, UNWRAPPED_KEK } from './mechanisms.js';
import { describe, isOfTheDevice } from './return-code.js';
import type { TokenSession } from './token-session.js';

/** Each function is one blocking conversation with the token; whatever it throws poisons the session. */

/** Answered only after what was made has been unwrapped again: nothing but this KEK opens what will be under it. */
export function createKek(token: TokenSession): Kek {
  const { session, keys } = token;
  const rootGeneration = keys.currentRootGeneration();
  const key = session.generateKey(AES_KEY, { ...NEW_KEK });
  const kek = wrapKek(token, key, uuidBytes(), rootGeneration);
  session.destroy(key);
  requireUnwraps(token, kek);
  return kek;
}

/** The same key under another root key. Answered only after what was made has been unwrapped again and opened the old binding. */
export function rewrapKek(token: TokenSession, kek: Kek, rootGeneration: number): Kek {
  if (kek.rootGeneration === rootGeneration) return kek;
  const { session } = token;
  const key = unwrapKek(token, kek, REWRAPPED_KEK);
  const rewrapped = wrapKek(token, key, kek.id, rootGeneration);
  session.destroy(key);
  requireUnwraps(token, rewrapped, kek);
  return rewrapped;
}

/** Makes sure that the KEK can be used. */
export function loadKek(token: TokenSession, kek: Kek): void {
  kekHandle(token, kek);
}

/** iv(12) | ciphertext(32) | tag(16). */
export function wrapDek(token: TokenSession, kek: Kek, associatedData: Buffer, dek: Buffer): Buffer {
  const iv = randomBytes(GCM_IV_BYTES);
  return Buffer.concat([iv, gcmEncrypt(token.session, kekHandle(token, kek), iv, associatedData, dek)]);
}

export function unwrapDek(token: TokenSession, kek: Kek, associatedData: Buffer, wrapped: Buffer): Buffer {
  const iv = wrapped.subarray(0, GCM_IV_BYTES);
  return gcmDecrypt(token.session, kekHandle(token, kek), iv, associatedData, wrapped.subarray(GCM_IV_BYTES));
}

/**
 * AES-GCM is deterministic: the right DEK, encrypted under the same KEK and IV, is what it was unwrapped from, to the bit. The device has
 * verified the tag, so that nothing but its own wrong answer can make a difference.
 */
export function unwrapProvenDek(token: TokenSession, kek: Kek, associatedData: Buffer, wrapped: Buffer): Buffer {
  const dek = unwrapDek(token, kek, associatedData, wrapped);
  const iv = wrapped.subarray(0, GCM_IV_BYTES);
  const again = gcmEncrypt(token.session, kekHandle(token, kek), iv, associatedData, dek);
  if (again.equals(wrapped.subarray(GCM_IV_BYTES))) return dek;
  dek.fill(0);
  throw new HsmFailing('The HSM decrypts to what it does not encrypt again.');
}

/** Verified before it is released: a wrong handle or a flipped bit must not leave the process as a signature. */
export function sign({ session, keys }: TokenSession, use: SigningUse, keyId: string, message: Buffer): Buffer {
  const key = keys.signingKey(use, keyId);
  session.createSign(EDDSA, key.privateKey);
  const signature = session.lib.C_Sign(session.handle, message, Buffer.alloc(ED25519_SIGNATURE_BYTES));
  if (verifyEd25519(key.publicKey, message, signature)) return signature;
  throw new HsmFailing('The HSM made a signature that does not verify.');
}

export function mac({ session, keys }: TokenSession, message: Buffer): Buffer {
  session.createSign(HMAC_SHA256, keys.mac());
  const code = session.lib.C_Sign(session.handle, message, Buffer.alloc(32));
  if (code.length !== 32) throw new Error(`the HSM made a MAC of ${code.length} bytes`);
  return code;
}

/** A key object for this wrapped KEK, whose id has been proven. The caller destroys it. */
export function unwrapKek({ session, keys }: TokenSession, kek: Kek, template = UNWRAPPED_KEK): Key {
  const key = unwrapKey(session, keys.root(kek.rootGeneration), kek.wrapped, template);
  if (provesId(session, key, kek)) return key;
  session.destroy(key);
  throw new Error('the key does not belong to its id');
}

/** Of what the token has made just now: where it is not what it has to be, no data are damaged, but the token is wrong. */
function requireUnwraps(token: TokenSession, made: Kek, bound = made): void {
  const key = unwrapMade(token, made);
  const same = provesId(token.session, key, bound);
  token.session.destroy(key);
  if (!same) throw new HsmFailing('The HSM wrapped another key than it was given.');
}

function unwrapMade(token: TokenSession, made: Kek): Key {
  try {
    return unwrapKek(token, made);
  } catch (error) {
    if (isOfTheDevice(error)) throw error;
    throw new HsmFailing(`The HSM does not unwrap the key that it has wrapped: ${describe(error)}.`);
  }
}

/** With its binding, under which the key proves its id. */
function wrapKek(
  { session, keys }: Pick<TokenSession, 'session' | 'keys'>,
  key: Key,
  id: Buffer,
  rootGeneration: number,
): Kek {
  const wrapped = wrapKey(session, keys.root(rootGeneration), key);
  const iv = randomBytes(GCM_IV_BYTES);
  const binding = Buffer.concat([iv, gcmEncrypt(session, key, iv, bindingAssociatedData({ id, rootGeneration }), id)]);
  return { id, rootGeneration, wrapped, binding };
}

function kekHandle(token: TokenSession, kek: Kek): Key {
  return token.keks.get(encodeKek(kek), () => unwrapKek(token, kek));
}

function provesId(session: Session, key: Key, kek: Kek): boolean {
  const iv = kek.binding.subarray(0, GCM_IV_BYTES);
  const id = gcmDecrypt(session, key, iv, bindingAssociatedData(kek), kek.binding.subarray(GCM_IV_BYTES));
  return id.length === KEK_ID_BYTES && timingSafeEqual(id, kek.id);
}

function uuidBytes(): Buffer {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
}
