import { invalid, type DomainError } from '@oneclaw/errors';

const FINGERPRINT = /^[0-9a-f]{64}$/i;
/** 0x01 | iv(12) | ciphertext | tag(16). */
const MIN_BYTES = 1 + 12 + 16;

/** In lower case. Throws `invalid_argument`. */
export function checkFingerprint(fingerprint: string, field: string): string {
  if (FINGERPRINT.test(fingerprint)) return fingerprint.toLowerCase();
  throw invalid('The fingerprint is not valid.', { [field]: 'must be the SHA-256 of the key, 64 hex digits' });
}

/** Whether a value can be under a client's key: base64 (RFC 4648, section 4, padded) of the bytes above. */
export function isCmekValue(value: Buffer): boolean {
  const text = value.toString('latin1');
  const bytes = Buffer.from(text, 'base64');
  return bytes.length >= MIN_BYTES && bytes[0] === 1 && bytes.toString('base64') === text;
}

/** For a value that cannot. */
export function notEncrypted(): DomainError {
  return invalid('This vault takes values that are encrypted with the key of its owner, and nothing else.', {
    value: 'must be base64 of 0x01, a 12-byte IV, the AES-256-GCM ciphertext and its 16-byte tag',
  });
}
