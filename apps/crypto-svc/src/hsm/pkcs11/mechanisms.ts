import { AesGcm240Params, KeyType, MechanismEnum, ObjectClass, type ITemplate } from 'graphene-pk11';
import { keyLabel, type KeyName } from '../key-names.js';

const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
const CKM_EDDSA = 0x1057;
export const CKK_EC_EDWARDS = 0x40;
const CKA_EC_PARAMS_ED25519 = Buffer.from('06032b6570', 'hex'); // OID 1.3.101.112, RFC 8410

export const EDDSA = { name: CKM_EDDSA, params: null };
export const EDDSA_KEY_PAIR = { name: CKM_EC_EDWARDS_KEY_PAIR_GEN, params: null };
export const HMAC_SHA256 = { name: MechanismEnum.SHA256_HMAC, params: null };
export const AES_KEY = { name: MechanismEnum.AES_KEY_GEN, params: null };
export const GENERIC_SECRET = { name: MechanismEnum.GENERIC_SECRET_KEY_GEN, params: null };
/** RFC 5649. (Some modules mean PKCS#7 padding by this number; key-wrap.ts notices by the length and refuses.) */
export const AES_KEY_WRAP_PAD = { name: MechanismEnum.AES_KEY_WRAP_PAD, params: null };

/** The 2.40 structure, because with the older one pkcs11js leaves `ulIvBits` uninitialised. */
export function aesGcm(iv: Buffer, associatedData: Buffer) {
  return { name: MechanismEnum.AES_GCM, params: new AesGcm240Params(iv, associatedData, 128) };
}

const secretOnToken = { token: true, private: true, sensitive: true, extractable: false, modifiable: false };

export function rootKeyTemplate(generation: number): ITemplate {
  return {
    ...named('oneclaw-root', generation),
    ...secretOnToken,
    keyType: KeyType.AES,
    valueLen: 32,
    wrap: true,
    unwrap: true,
    encrypt: false,
    decrypt: false,
  };
}

export function macKeyTemplate(generation: number): ITemplate {
  return {
    ...named('oneclaw-mac', generation),
    ...secretOnToken,
    keyType: KeyType.GENERIC_SECRET,
    valueLen: 32,
    sign: true,
    verify: false,
  };
}

export function ed25519PublicTemplate(name: KeyName, generation: number): ITemplate {
  return {
    ...named(name, generation),
    token: true,
    keyType: CKK_EC_EDWARDS,
    paramsEC: CKA_EC_PARAMS_ED25519,
    verify: true,
  };
}

export function ed25519PrivateTemplate(name: KeyName, generation: number): ITemplate {
  return { ...named(name, generation), ...secretOnToken, keyType: CKK_EC_EDWARDS, sign: true };
}

/** Extractable for the moment between generating and wrapping; then destroyed. */
export const NEW_KEK: ITemplate = {
  token: false,
  private: true,
  sensitive: true,
  extractable: true,
  keyType: KeyType.AES,
  valueLen: 32,
  encrypt: true,
  decrypt: true,
  wrap: false,
  unwrap: false,
};

/** Encrypts and decrypts and cannot be read. */
export const UNWRAPPED_KEK: ITemplate = {
  class: ObjectClass.SECRET_KEY,
  token: false,
  private: true,
  sensitive: true,
  extractable: false,
  keyType: KeyType.AES,
  encrypt: true,
  decrypt: true,
  wrap: false,
  unwrap: false,
};

/** Extractable for the moment between two wrappings; then destroyed. */
export const REWRAPPED_KEK: ITemplate = { ...UNWRAPPED_KEK, extractable: true };

function named(name: KeyName, generation: number) {
  const label = keyLabel(name, generation);
  return { label, id: Buffer.from(label) };
}
