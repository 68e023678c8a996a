/**
 * What crypto-svc needs of an HSM, in its own words. Two adapters: `Pkcs11Hsm` and, for tests, `SoftwareHsm`;
 * `hsm.contract.ts` is run against both.
 *
 * A call fails with one of the errors of `hsm.errors.ts`. Damaged data is no error of the HSM: it is the result of
 * its item, and the other items of the call are answered.
 */
export interface Hsm {
  /** New AES-256 keys, generated in the HSM and wrapped by the newest root key. */
  createKeks(count: number): Promise<Kek[]>;
  /** The same keys wrapped by the newest root key; as they are where it wraps them already. */
  rewrapKeks(keks: readonly Kek[]): Promise<OrDamaged<Kek>[]>;
  /** AES-256-GCM of each DEK under its KEK. `damaged` when the KEK cannot be unwrapped. */
  wrapDeks(items: readonly DekToWrap[]): Promise<OrDamaged<WrappedDek>[]>;
  /** The 32-byte DEKs. The caller owns these buffers and zeroes them. */
  unwrapDeks(items: readonly DekToUnwrap[]): Promise<OrDamaged<Buffer>[]>;
  /**
   * As `unwrapDeks`, of a device whose answers are doubted, and slower: each DEK has been wrapped again, and became what it was unwrapped
   * from. Fails with `HsmFailing` where one did not. For what hangs on a DEK that nothing else would show to be wrong.
   */
  unwrapProvenDeks(items: readonly DekToUnwrap[]): Promise<OrDamaged<Buffer>[]>;
  /** Ed25519 (RFC 8032) over whole messages; every signature has been verified before it is returned. */
  sign(use: SigningUse, keyId: string, messages: readonly Uint8Array[]): Promise<Buffer[]>;
  /** HMAC-SHA-256, 32 bytes each. */
  mac(messages: readonly Uint8Array[]): Promise<Buffer[]>;
  /** All generations, the newest last. A new generation appears within seconds. */
  listPublicKeys(use: SigningUse): Promise<PublicKey[]>;
  /** Never waits for the HSM. */
  health(): HsmHealth;
  close(): Promise<void>;
}

/** Injection token. */
export const HSM = Symbol('Hsm');

export type SigningUse = 'token-signing' | 'checkpoint';

/** A key-encryption key as the HSM gave it out. */
export interface Kek {
  /** UUID, 16 bytes. */
  id: Buffer;
  /** Generation of the root key that wrapped it. */
  rootGeneration: number;
  /** AES-KWP (RFC 5649) of the 32-byte key: 40 bytes. */
  wrapped: Buffer;
  /** iv(12) | AES-256-GCM of `id` under the KEK itself (32): proves that this key has this id. */
  binding: Buffer;
}

export interface DekToWrap {
  kek: Kek;
  associatedData: Uint8Array;
  /** 32 bytes. Stays with the caller, who zeroes it. */
  dek: Uint8Array;
}

export interface WrappedDek {
  /** 12 bytes. */
  iv: Buffer;
  /** 32 bytes of ciphertext and the 16-byte tag. */
  ciphertext: Buffer;
}

export interface DekToUnwrap extends WrappedDek {
  kek: Kek;
  associatedData: Uint8Array;
}

/** `damaged`: authentication failed although the HSM works. */
export type OrDamaged<T> = T | 'damaged';

export interface PublicKey {
  /** RFC 7638 thumbprint. */
  keyId: string;
  /** Raw Ed25519 point, 32 bytes. */
  publicKey: Buffer;
  generation: number;
}

export interface HsmHealth {
  /** `degraded`: recovering, or some workers are lost. From an encrypt and decrypt at most 2 s old. */
  status: 'ok' | 'degraded' | 'unavailable';
  /** For operators: why it is not ok. */
  reason?: string;
}
