import { createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import type { Envelope } from '../crypto/envelopes.client.js';
import type { NewKek, VaultKek } from '../vaults/vault.entity.js';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** In place of an HSM: keys in this process's memory, and switches to make it fail. Formats are its own, simpler ones. */
export class SoftwareKeys {
  readonly kid = randomUUID();
  readonly calls = { open: 0, seal: 0, rewrap: 0, reencrypt: 0, listPublicKeys: 0 };
  /** `hung` never answers. */
  state: 'ok' | 'unavailable' | 'hung' = 'ok';
  /** What calls of a kind wait for before they are answered. */
  readonly gates: { seal?: Promise<unknown>; rewrap?: Promise<unknown>; reencrypt?: Promise<unknown> } = {};
  /** The same root key, whatever its number. */
  rootGeneration = 1;
  /** Ids of KEKs that are not rewrapped. */
  readonly damagedKeks = new Set<string>();
  private readonly signing = generateKeyPairSync('ed25519');
  private readonly root = randomBytes(32);

  publicKey(): Buffer {
    return Buffer.from(this.signing.publicKey.export({ format: 'jwk' }).x as string, 'base64url');
  }

  /** A compact JWS, as auth-svc has them signed. */
  sign(typ: string, claims: object): string {
    const signed = `${encode({ alg: 'EdDSA', kid: this.kid, typ })}.${encode(claims)}`;
    return `${signed}.${sign(null, Buffer.from(signed), this.signing.privateKey).toString('base64url')}`;
  }

  createKek(): NewKek {
    const kekId = randomUUID();
    return {
      kekId,
      wrapped: encrypt(this.root, Buffer.from(kekId), randomBytes(32)),
      rootGeneration: this.rootGeneration,
    };
  }

  /** Undefined where the KEK is damaged. */
  seal({ kekId, wrapped }: VaultKek, associatedData: Buffer, plaintext: Buffer): Envelope | undefined {
    const dek = randomBytes(32);
    const kek = decrypt(this.root, Buffer.from(kekId), wrapped);
    if (!kek) return undefined;
    return {
      wrappedDek: encrypt(kek, associatedData, dek),
      sealedValue: encrypt(dek, associatedData, plaintext),
    };
  }

  /** Undefined where the DEK does not open. */
  rewrap(from: VaultKek, to: VaultKek, associatedData: Buffer, wrappedDek: Buffer): Buffer | undefined {
    const [oldKek, newKek] = [from, to].map(({ kekId, wrapped }) => decrypt(this.root, Buffer.from(kekId), wrapped));
    const dek = oldKek && decrypt(oldKek, associatedData, wrappedDek);
    return dek && newKek && encrypt(newKek, associatedData, dek);
  }

  /** Undefined where anything does not belong together. */
  open({ kekId, wrapped }: VaultKek, associatedData: Buffer, envelope: Envelope): Buffer | undefined {
    const kek = decrypt(this.root, Buffer.from(kekId), wrapped);
    const dek = kek && decrypt(kek, associatedData, envelope.wrappedDek);
    return dek && decrypt(dek, associatedData, envelope.sealedValue);
  }
}

/** iv | ciphertext | tag. */
function encrypt(key: Buffer, associatedData: Buffer, plaintext: Buffer): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(associatedData);
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, associatedData: Buffer, sealed: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(associatedData);
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}
