import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

export const ED25519_POINT_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

/** CKA_EC_POINT is the raw point on some tokens and a DER OCTET STRING of it on others (PKCS#11 2.40 against 3.0). */
export function rawEd25519Point(ecPoint: Uint8Array): Buffer {
  const point = Buffer.from(ecPoint);
  if (point.length === ED25519_POINT_BYTES) return point;
  const isOctetString =
    point.length === ED25519_POINT_BYTES + 2 && point[0] === 0x04 && point[1] === ED25519_POINT_BYTES;
  if (isOctetString) return point.subarray(2);
  throw new Error(`not an Ed25519 public point: ${point.length} bytes`);
}

export function ed25519PublicKey(point: Uint8Array): KeyObject {
  return createPublicKey({ key: jwk(point), format: 'jwk' });
}

/** RFC 8032 verification of a 64-byte signature. */
export function verifyEd25519(publicKey: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === ED25519_SIGNATURE_BYTES && verify(null, message, publicKey, signature);
}

/** RFC 7638 thumbprint of the OKP key (RFC 8037), base64url. */
export function ed25519KeyId(point: Uint8Array): string {
  const { crv, kty, x } = jwk(point);
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

function jwk(point: Uint8Array) {
  return { crv: 'Ed25519', kty: 'OKP', x: Buffer.from(point).toString('base64url') };
}
