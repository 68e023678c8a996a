import { hash } from 'node:crypto';

const BEARER = /^Bearer +([^\s,]+)$/i;

/** The token of an Authorization header of the scheme Bearer (RFC 6750, section 2.1). */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
}

/** Under which a token is remembered: the token itself is not kept. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'base64');
}
