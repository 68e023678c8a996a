import type { KeyObject } from 'node:crypto';
import { KeyType, ObjectClass, type ITemplate, type Key, type Session } from 'graphene-pk11';
import { ed25519KeyId, ed25519PublicKey, rawEd25519Point } from '../ed25519.js';
import { KeyMissing } from '../hsm.errors.js';
import type { SigningUse } from '../hsm.port.js';
import { SIGNING_KEYS, generationOf, keyLabel, type KeyName } from '../key-names.js';
import { CKK_EC_EDWARDS } from './mechanisms.js';

export interface SigningKey {
  keyId: string;
  generation: number;
  point: Buffer;
  publicKey: KeyObject;
  privateKey: Key;
}

/** Finds the token's own keys by label and remembers their handles for as long as the session lives. */
export class TokenKeys {
  private readonly found = new Map<string, Key>();
  private readonly signing = new Map<string, SigningKey>();

  constructor(private readonly session: Session) {}

  root(generation: number): Key {
    return this.one({ class: ObjectClass.SECRET_KEY, keyType: KeyType.AES }, keyLabel('oneclaw-root', generation));
  }

  /** Looked up afresh, because an operator may have made a new generation. */
  currentRootGeneration(): number {
    return newest(
      this.generations('oneclaw-root', { class: ObjectClass.SECRET_KEY, keyType: KeyType.AES }),
      'oneclaw-root',
    );
  }

  mac(): Key {
    return this.one({ class: ObjectClass.SECRET_KEY, keyType: KeyType.GENERIC_SECRET }, keyLabel('oneclaw-mac', 1));
  }

  /** All generations, the newest last; looked up afresh. */
  signingKeys(use: SigningUse): SigningKey[] {
    const name = SIGNING_KEYS[use];
    const generations = this.generations(name, { class: ObjectClass.PUBLIC_KEY, keyType: CKK_EC_EDWARDS });
    newest(generations, name);
    const keys = generations.map((generation) => this.readSigningKey(name, generation));
    for (const key of keys) this.signing.set(`${use} ${key.keyId}`, key);
    return keys;
  }

  signingKey(use: SigningUse, keyId: string): SigningKey {
    const key =
      this.signing.get(`${use} ${keyId}`) ?? this.signingKeys(use).find((candidate) => candidate.keyId === keyId);
    if (key === undefined) throw new KeyMissing(`The HSM token holds no ${use} key ${keyId}.`);
    return key;
  }

  generations(name: KeyName, template: ITemplate): number[] {
    const objects = this.session.find({ ...template, token: true });
    const generations: number[] = [];
    for (let index = 0; index < objects.length; index++) {
      const generation = generationOf(name, objects.items(index).getAttribute('label') as string);
      if (generation !== undefined) generations.push(generation);
    }
    return generations.sort((a, b) => a - b);
  }

  private readSigningKey(name: KeyName, generation: number): SigningKey {
    const label = keyLabel(name, generation);
    const publicObject = this.one({ class: ObjectClass.PUBLIC_KEY, keyType: CKK_EC_EDWARDS }, label);
    const point = rawEd25519Point(publicObject.getAttribute('pointEC') as Buffer);
    const privateKey = this.one({ class: ObjectClass.PRIVATE_KEY, keyType: CKK_EC_EDWARDS }, label);
    return { keyId: ed25519KeyId(point), generation, point, publicKey: ed25519PublicKey(point), privateKey };
  }

  /** Two objects of one name are as bad as none: either could be the wrong one. */
  private one(template: ITemplate, label: string): Key {
    const cacheKey = `${template.class} ${label}`;
    const known = this.found.get(cacheKey);
    if (known !== undefined) return known;
    const objects = this.session.find({ ...template, token: true, label, id: Buffer.from(label) });
    if (objects.length !== 1) throw new KeyMissing(missing(label, objects.length));
    const key = objects.items(0).toType<Key>();
    this.found.set(cacheKey, key);
    return key;
  }
}

function newest(generations: readonly number[], name: KeyName): number {
  const generation = generations.at(-1);
  if (generation === undefined) throw new KeyMissing(missing(`${name}-<n>`, 0));
  return generation;
}

function missing(label: string, count: number): string {
  return count === 0
    ? `The HSM token holds no key named ${label}. On a new token, run "hsm init".`
    : `The HSM token holds ${count} keys named ${label}; only one may exist.`;
}
