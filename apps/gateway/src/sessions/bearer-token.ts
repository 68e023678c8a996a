import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Of a request, as far as its bearer token is concerned. */
export interface Credentials {
  /** The request id. */
  id: string;
  headers: IncomingHttpHeaders;
}

const BEARER = /^Bearer +([^\s,]+)$/i;

/** The token, or personal API key, of an Authorization header of the scheme Bearer (RFC 6750, section 2.1). */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
}

/** Whether a bearer is a personal API key; it is in the way of no JWT, which has dots. */
export function isPersonalKey(token: string): boolean {
  return /^1ck_[A-Za-z0-9_-]{43}$/.test(token);
}

/** Under which a token is remembered: the token itself is not kept. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'base64');
}
