import { KeyType, ObjectClass, type ITemplate, type SessionObject } from 'graphene-pk11';
import { HsmRefused } from '../hsm.errors.js';
import type { SigningUse } from '../hsm.port.js';
import { KEY_NAMES, SIGNING_KEYS, generationOf, keyLabel, type KeyName } from '../key-names.js';
import { Cryptoki } from './cryptoki.js';
import {
  AES_KEY,
  CKK_EC_EDWARDS,
  EDDSA_KEY_PAIR,
  GENERIC_SECRET,
  ed25519PrivateTemplate,
  ed25519PublicTemplate,
  macKeyTemplate,
  rootKeyTemplate,
} from './mechanisms.js';
import { asHsmError } from './return-code.js';
import { TokenSession } from './token-session.js';

const ROOT_KEY = { class: ObjectClass.SECRET_KEY, keyType: KeyType.AES };

export interface CeremonyOptions {
  modulePath: string;
  tokenLabel: string;
  pin: string;
}

/** What an operator does to a token's own keys, in a process of its own. The service never makes any of them. */
export class KeyCeremony {
  private constructor(private readonly token: TokenSession) {}

  /** Opens the token, runs `steps` and leaves it. */
  static perform<T>({ modulePath, tokenLabel, pin }: CeremonyOptions, steps: (ceremony: KeyCeremony) => T): T {
    const cryptoki = Cryptoki.load(modulePath);
    try {
      cryptoki.initialise();
      const token = TokenSession.open(cryptoki.findSlot(tokenLabel), 1, 'read-write');
      token.login(pin);
      return steps(new KeyCeremony(token));
    } catch (error) {
      throw asHsmError(error);
    } finally {
      cryptoki.finalise();
    }
  }

  /** Makes all keys of a new token, or none. Refused if the token holds any key of OneClaw, whatever its generation. */
  init(): string[] {
    const existing = this.status();
    if (existing.length > 0) {
      throw new HsmRefused(`The token already holds ${existing.join(', ')}. Nothing was changed.`);
    }
    return this.allOrNothing((made) => {
      made(this.secretKey(AES_KEY, rootKeyTemplate(1)));
      made(this.secretKey(GENERIC_SECRET, macKeyTemplate(1)));
      made(...this.ed25519Pair('oneclaw-token-signing', 1));
      made(...this.ed25519Pair('oneclaw-checkpoint', 1));
    });
  }

  /** A new generation signs within seconds, without a restart; the older ones stay for verifying. */
  rotateSigningKey(use: SigningUse): string[] {
    const name = SIGNING_KEYS[use];
    const generation = this.nextGeneration(name, CKK_EC_EDWARDS);
    return this.allOrNothing((made) => made(...this.ed25519Pair(name, generation)));
  }

  /** Of all generations, as a JWK Set (RFC 7517, RFC 8037). */
  publicKeys(use: SigningUse): string {
    const keys = this.token.keys.signingKeys(use).map(({ keyId: kid, point }) => {
      const x = point.toString('base64url');
      return { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid, x };
    });
    return JSON.stringify({ keys }, undefined, 2);
  }

  /** Oldest first. */
  rootGenerations(): number[] {
    return this.token.keys.generations('oneclaw-root', ROOT_KEY);
  }

  /**
   * New KEKs are wrapped by the new generation; the older ones unwrap what they wrapped. Nothing is kept where somebody else makes
   * the same generation at the same time: of two keys of one name, either could be the wrong one.
   */
  makeRootKey(): number {
    const generation = this.nextGeneration('oneclaw-root', KeyType.AES);
    const label = keyLabel('oneclaw-root', generation);
    this.allOrNothing((made) => {
      made(this.secretKey(AES_KEY, rootKeyTemplate(generation)));
      if (this.rootKeys(label).length === 1) return;
      throw new HsmRefused(`Somebody else is making ${label} just now. Nothing was changed.`);
    });
    return generation;
  }

  /** For good: what it wraps is lost. The newest one is refused. */
  destroyRootKey(generation: number): void {
    if (generation === this.rootGenerations().at(-1)) throw new HsmRefused('The newest root key is in use.');
    const keys = this.rootKeys(keyLabel('oneclaw-root', generation));
    for (let index = 0; index < keys.length; index++) this.token.session.destroy(keys.items(index));
  }

  /** Labels of the keys on the token. */
  status(): string[] {
    const objects = this.token.session.find({ token: true });
    const labels = new Set<string>();
    for (let index = 0; index < objects.length; index++) {
      const label = labelOf(objects.items(index));
      if (KEY_NAMES.some((name) => generationOf(name, label) !== undefined)) labels.add(label);
    }
    return [...labels].sort();
  }

  private rootKeys(label: string) {
    return this.token.session.find({ ...ROOT_KEY, token: true, label });
  }

  private nextGeneration(name: KeyName, keyType: number): number {
    const keyClass = keyType === CKK_EC_EDWARDS ? ObjectClass.PRIVATE_KEY : ObjectClass.SECRET_KEY;
    const current = this.token.keys.generations(name, { class: keyClass, keyType }).at(-1);
    if (current === undefined) throw new HsmRefused(`The token holds no ${name} key to rotate. Nothing was changed.`);
    return current + 1;
  }

  private secretKey(mechanism: typeof AES_KEY, template: ITemplate): SessionObject {
    return this.token.session.generateKey(mechanism, template);
  }

  private ed25519Pair(name: KeyName, generation: number): SessionObject[] {
    const { publicKey, privateKey } = this.token.session.generateKeyPair(
      EDDSA_KEY_PAIR,
      ed25519PublicTemplate(name, generation),
      ed25519PrivateTemplate(name, generation),
    );
    return [publicKey, privateKey];
  }

  private allOrNothing(steps: (made: (...objects: SessionObject[]) => void) => void): string[] {
    const objects: SessionObject[] = [];
    try {
      steps((...made) => objects.push(...made));
    } catch (error) {
      for (const object of objects) this.token.session.destroy(object);
      throw error;
    }
    return [...new Set(objects.map(labelOf))];
  }
}

function labelOf(object: SessionObject): string {
  return object.getAttribute('label') as string;
}
