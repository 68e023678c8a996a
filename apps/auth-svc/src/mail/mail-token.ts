import { hash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;

/** For a mail, and whoever reads it; only its hash is kept. 256 random bits need no slow one. */
export function newMailToken(): { token: string; tokenHash: Buffer } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, tokenHash: hashOf(token) };
}

export function hashOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
