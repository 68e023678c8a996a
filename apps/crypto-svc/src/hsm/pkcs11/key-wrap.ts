import type { ITemplate, Key, Session } from 'graphene-pk11';
import { KWP_BYTES } from '../kek.js';
import { AES_KEY_WRAP_PAD, UNWRAPPED_KEK } from './mechanisms.js';

/** AES-KWP (RFC 5649) of a 32-byte key: 40 bytes. */
export function wrapKey(session: Session, root: Key, key: Key): Buffer {
  const wrapped = session.wrapKey(AES_KEY_WRAP_PAD, root, key);
  if (wrapped.length !== KWP_BYTES) throw new Error('the module does not wrap keys as RFC 5649 says');
  return Buffer.from(wrapped); // graphene's buffer is 8 kB
}

/** A session object; unless told otherwise it encrypts and decrypts and cannot be read. */
export function unwrapKey(session: Session, root: Key, wrapped: Buffer, template: ITemplate = UNWRAPPED_KEK): Key {
  return session.unwrapKey(AES_KEY_WRAP_PAD, root, wrapped, { ...template });
}
