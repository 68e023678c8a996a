import { createCipheriv, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyType, ObjectClass, type Key, type Session } from 'graphene-pk11';
import { KWP_BYTES } from '../kek.js';
import { SoftToken } from '../testing/soft-token.js';
import { hex, title, wycheproof, type Vector } from '../testing/wycheproof.js';
import { Cryptoki } from './cryptoki.js';
import { gcmDecrypt, gcmEncrypt } from './gcm.js';
import { unwrapKey, wrapKey } from './key-wrap.js';
import { TokenSession } from './token-session.js';

let token: SoftToken;
let cryptoki: Cryptoki;
let opened: TokenSession;

beforeAll(async () => {
  token = await SoftToken.empty();
  cryptoki = Cryptoki.load(token.modulePath);
  cryptoki.initialise();
  opened = openSession();
  opened.login(token.pin);
});
afterAll(() => {
  cryptoki.finalise();
  token.destroy();
});

const openSession = () => TokenSession.open(cryptoki.findSlot(token.label), 1);

function imported(session: Session, value: Buffer): Key {
  const use = { encrypt: true, decrypt: true, wrap: true, unwrap: true, extractable: true };
  return session
    .create({ class: ObjectClass.SECRET_KEY, keyType: KeyType.AES, token: false, private: true, value, ...use })
    .toType<Key>();
}

/** Each vector gets a session of its own: an error poisons the one it happens in. */
function inFreshSession<T>(work: (session: Session) => T): T {
  const fresh = openSession();
  try {
    return work(fresh.session);
  } finally {
    fresh.close();
  }
}

describe('AES-KWP in SoftHSM, against the Wycheproof vectors', () => {
  // Root keys have 256 bits, so the vectors of smaller wrapping keys say nothing about us.
  const vectors = wycheproof<{ keySize: number; tests: Vector[] }>('aes_kwp')
    .filter(({ keySize }) => keySize === 256)
    .flatMap(({ tests }) => tests);
  const invalid = vectors.filter(({ result }) => result === 'invalid');
  // A KEK has 32 bytes, 40 when wrapped; other lengths are refused before they reach the HSM (decodeKek).
  const valid = vectors.filter((vector) => vector.result === 'valid' && hex(vector, 'ct').length === KWP_BYTES);

  function unwraps(vector: Vector): boolean {
    return inFreshSession((session) => {
      try {
        unwrapKey(session, imported(session, hex(vector, 'key')), hex(vector, 'ct'));
        return true;
      } catch {
        return false;
      }
    });
  }

  it('refuses every invalid vector, of any length', () => {
    expect(invalid).toHaveLength(69);
    expect(invalid.filter(unwraps).map(title)).toEqual([]);
  });

  it('wraps 32-byte keys to the expected bytes', () => {
    expect(valid).toHaveLength(3);
    for (const vector of valid) {
      const wrapped = inFreshSession((session) =>
        wrapKey(session, imported(session, hex(vector, 'key')), imported(session, hex(vector, 'msg'))),
      );
      expect(wrapped).toEqual(hex(vector, 'ct'));
    }
  });

  it('unwraps them to the expected key: it decrypts what Node encrypted with that key', () => {
    const [iv, associatedData, plaintext] = [randomBytes(12), randomBytes(20), randomBytes(32)];
    for (const vector of valid) {
      const cipher = createCipheriv('aes-256-gcm', hex(vector, 'msg'), iv).setAAD(associatedData);
      const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
      const decrypted = inFreshSession((session) => {
        const key = unwrapKey(session, imported(session, hex(vector, 'key')), hex(vector, 'ct'));
        return gcmDecrypt(session, key, iv, associatedData, ciphertext);
      });
      expect(decrypted).toEqual(plaintext);
    }
  });
});

describe('AES-GCM in SoftHSM, against the Wycheproof vectors', () => {
  // 256-bit keys, 96-bit IVs and 128-bit tags are all that the format has.
  const vectors = wycheproof<{ keySize: number; ivSize: number; tagSize: number; tests: Vector[] }>('aes_gcm')
    .filter(({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128)
    .flatMap(({ tests }) => tests)
    // A DEK has 32 bytes; pkcs11js passes an empty plaintext as a null pointer, and SoftHSM refuses that.
    .filter((vector) => hex(vector, 'msg').length > 0);

  it('encrypts to the expected bytes and refuses what is invalid', () => {
    const wrong = vectors.filter((vector) => !agrees(vector)).map(title);
    expect(wrong).toEqual([]);
    expect(vectors.length).toBeGreaterThan(50);
  });

  function agrees(vector: Vector): boolean {
    const [key, iv, aad, msg] = ['key', 'iv', 'aad', 'msg'].map((field) => hex(vector, field));
    const ciphertext = Buffer.concat([hex(vector, 'ct'), hex(vector, 'tag')]);
    const decrypted = inFreshSession((session) => {
      try {
        return gcmDecrypt(session, imported(session, key!), iv!, aad!, ciphertext);
      } catch {
        return undefined;
      }
    });
    if (vector.result === 'invalid') return decrypted === undefined;
    const encrypted = inFreshSession((session) => gcmEncrypt(session, imported(session, key!), iv!, aad!, msg!));
    return decrypted?.equals(msg!) === true && encrypted.equals(ciphertext);
  }
});
