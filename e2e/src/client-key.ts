import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Headers } from './client.js';

/** A key that a client keeps, and what it does with it before it sends and after it gets a value. Written from the contract. */
export class ClientKey {
  readonly bytes = randomBytes(32);
  readonly fingerprint = createHash('sha256').update(this.bytes).digest('hex');

  get base64(): string {
    return this.bytes.toString('base64');
  }

  /** base64 of 0x01 | iv(12) | ciphertext | tag(16). */
  encrypt(plaintext: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.bytes, iv);
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([Buffer.of(1), iv, ciphertext, cipher.getAuthTag()]).toString('base64');
  }

  /** Throws where the value is not under this key. */
  decrypt(value: string): string {
    const bytes = Buffer.from(value, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.bytes, bytes.subarray(1, 13));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(13, -16)), decipher.final()]).toString();
  }
}

/** What moving from one key to another shows. */
export function rotationHeaders(oldKey: ClientKey, newKey: ClientKey): Headers {
  return { 'x-cmek-old-key': oldKey.base64, 'x-cmek-new-key': newKey.base64 };
}
