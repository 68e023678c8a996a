import { createHash, createPublicKey, verify } from 'node:crypto';
import { checkpointMessage } from './encoding.mjs';

/** Public keys by their id, which is computed and not believed. */
export class Keys {
  /** @type {Map<string, import('node:crypto').KeyObject>} */
  #keys = new Map();

  /** @param {string} json a JWK, or a JWK Set (RFC 7517) of Ed25519 keys (RFC 8037) */
  constructor(json) {
    const document = JSON.parse(json);
    for (const jwk of document.keys ?? [document]) {
      if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519') throw new Error('a key is not an Ed25519 key');
      const { kty, crv, x } = jwk;
      // RFC 7638.
      const id = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
      this.#keys.set(id, createPublicKey({ key: { kty, crv, x }, format: 'jwk' }));
    }
  }

  /**
   * @param {import('./encoding.mjs').Checkpoint} checkpoint
   * @returns {'right' | 'forged' | 'unknown'} unknown: by a key that is none of these
   */
  judge(checkpoint) {
    const key = this.#keys.get(checkpoint.key_id);
    if (!key) return 'unknown';
    return verify(null, checkpointMessage(checkpoint), key, Buffer.from(checkpoint.signature, 'base64'))
      ? 'right'
      : 'forged';
  }
}
