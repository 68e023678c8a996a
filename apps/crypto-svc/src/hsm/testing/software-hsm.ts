import { createCipheriv, createDecipheriv, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ed25519KeyId } from '../ed25519.js';
import { HsmUnavailable, KeyMissing } from '../hsm.errors.js';
import type {
  DekToUnwrap,
  DekToWrap,
  Hsm,
  HsmHealth,
  Kek,
  OrDamaged,
  PublicKey,
  SigningUse,
  WrappedDek,
} from '../hsm.port.js';
import { DEK_BYTES, GCM_IV_BYTES, GCM_TAG_BYTES, bindingAssociatedData } from '../kek.js';

interface SigningKey extends PublicKey {
  privateKey: KeyObject;
}

/** For tests. Its keys lie in this process's memory, as those of an HSM never do, and it is never slow or away unless told. */
export class SoftwareHsm implements Hsm {
  /** Makes every call fail, as when the device is away. */
  broken = false;
  private readonly macKey = randomBytes(32);
  private readonly signingKeys: Record<SigningUse, SigningKey[]> = {
    'token-signing': [newSigningKey(1)],
    checkpoint: [newSigningKey(1)],
  };

  /** @param rootKeys 32 bytes each, by generation - 1 */
  constructor(private readonly rootKeys: Buffer[] = [randomBytes(32)]) {}

  async createKeks(count: number): Promise<Kek[]> {
    this.requireDevice();
    return Array.from({ length: count }, () => this.createKek());
  }

  async rewrapKeks(keks: readonly Kek[]): Promise<OrDamaged<Kek>[]> {
    this.requireDevice();
    return keks.map((kek) => {
      if (kek.rootGeneration === this.rootKeys.length) return kek;
      const key = this.unwrapKek(kek);
      return key === 'damaged' ? key : this.wrapKek(kek.id, key);
    });
  }

  async wrapDeks(items: readonly DekToWrap[]): Promise<OrDamaged<WrappedDek>[]> {
    this.requireDevice();
    return items.map(({ kek, associatedData, dek }) => {
      const key = this.unwrapKek(kek);
      if (key === 'damaged') return 'damaged';
      if (dek.length !== DEK_BYTES) throw new RangeError(`a DEK has ${DEK_BYTES} bytes, not ${dek.length}`);
      const iv = randomBytes(GCM_IV_BYTES);
      return { iv, ciphertext: gcmEncrypt(key, iv, associatedData, dek) };
    });
  }

  async unwrapDeks(items: readonly DekToUnwrap[]): Promise<OrDamaged<Buffer>[]> {
    this.requireDevice();
    return items.map(({ kek, associatedData, iv, ciphertext }) => {
      const key = this.unwrapKek(kek);
      return key === 'damaged' ? 'damaged' : gcmDecrypt(key, iv, associatedData, ciphertext);
    });
  }

  /** As it is: a wrong answer is for tests to make, in `unwrapDeks`. */
  async unwrapProvenDeks(items: readonly DekToUnwrap[]): Promise<OrDamaged<Buffer>[]> {
    return await SoftwareHsm.prototype.unwrapDeks.call(this, items);
  }

  async sign(use: SigningUse, keyId: string, messages: readonly Uint8Array[]): Promise<Buffer[]> {
    this.requireDevice();
    const key = this.signingKeys[use].find((candidate) => candidate.keyId === keyId);
    if (key === undefined) throw new KeyMissing(`no ${use} key ${keyId}`);
    return messages.map((message) => sign(null, message, key.privateKey));
  }

  async mac(messages: readonly Uint8Array[]): Promise<Buffer[]> {
    this.requireDevice();
    return messages.map((message) => createHmac('sha256', this.macKey).update(message).digest());
  }

  async listPublicKeys(use: SigningUse): Promise<PublicKey[]> {
    this.requireDevice();
    return this.signingKeys[use].map(({ keyId, publicKey, generation }) => ({ keyId, publicKey, generation }));
  }

  rotateRootKey(): void {
    this.rootKeys.push(randomBytes(32));
  }

  rotate(use: SigningUse): void {
    this.signingKeys[use].push(newSigningKey(this.signingKeys[use].length + 1));
  }

  health(): HsmHealth {
    return this.broken ? { status: 'unavailable', reason: 'the test broke it' } : { status: 'ok' };
  }

  async close(): Promise<void> {}

  private requireDevice(): void {
    if (this.broken) throw new HsmUnavailable('the test broke it');
  }

  private createKek(): Kek {
    return this.wrapKek(randomBytes(16), randomBytes(32));
  }

  private wrapKek(id: Buffer, key: Buffer): Kek {
    const iv = randomBytes(GCM_IV_BYTES);
    const rootGeneration = this.rootKeys.length;
    const binding = Buffer.concat([iv, gcmEncrypt(key, iv, bindingAssociatedData({ id, rootGeneration }), id)]);
    return { id, rootGeneration, wrapped: wrapKey(this.rootKeys[rootGeneration - 1]!, key), binding };
  }

  private unwrapKek(kek: Kek): OrDamaged<Buffer> {
    const root = this.rootKeys[kek.rootGeneration - 1];
    const key = root === undefined ? 'damaged' : unwrapKey(root, kek.wrapped);
    if (key === 'damaged') return 'damaged';
    const iv = kek.binding.subarray(0, GCM_IV_BYTES);
    const id = gcmDecrypt(key, iv, bindingAssociatedData(kek), kek.binding.subarray(GCM_IV_BYTES));
    return id !== 'damaged' && id.equals(kek.id) ? key : 'damaged';
  }
}

function newSigningKey(generation: number): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');
  return { keyId: ed25519KeyId(point), publicKey: point, generation, privateKey };
}

const KWP_CIPHER = 'id-aes256-wrap-pad'; // OpenSSL's name of RFC 5649
const KWP_IV = Buffer.from('a65959a6', 'hex');

function wrapKey(root: Buffer, key: Buffer): Buffer {
  const cipher = createCipheriv(KWP_CIPHER, root, KWP_IV);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

function unwrapKey(root: Buffer, wrapped: Buffer): OrDamaged<Buffer> {
  try {
    const decipher = createDecipheriv(KWP_CIPHER, root, KWP_IV);
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    return 'damaged';
  }
}

function gcmEncrypt(key: Buffer, iv: Buffer, associatedData: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(associatedData);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function gcmDecrypt(key: Buffer, iv: Buffer, associatedData: Uint8Array, ciphertext: Buffer): OrDamaged<Buffer> {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(associatedData);
    decipher.setAuthTag(ciphertext.subarray(-GCM_TAG_BYTES));
    return Buffer.concat([decipher.update(ciphertext.subarray(0, -GCM_TAG_BYTES)), decipher.final()]);
  } catch {
    return 'damaged';
  }
}
