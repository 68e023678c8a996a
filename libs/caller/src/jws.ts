import { type JWTPayload, compactVerify, decodeProtectedHeader } from 'jose';
import type { VerificationKeys } from './verification-keys.js';

/** Why a token was refused: for the log and the audit trail, never for the client. */
export class TokenRefused extends Error {
  constructor(readonly reason: string) {
    super(`token refused: ${reason}`);
    this.name = 'TokenRefused';
  }
}

export interface JwsExpectation {
  /** The exact `typ` header: keeps the kinds of token apart (RFC 8725, section 3.11). */
  typ: string;
  issuer: string;
  audience: string;
}

/** Seconds by which the clocks of issuer and verifier may differ. */
const CLOCK_TOLERANCE_S = 5;
const MAX_TOKEN_LENGTH = 8192;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Verifies a compact JWS of ours and answers its claims. Only `alg: EdDSA` with a `kid` of ours; a header that tries to bring its
 * own key (`jwk`, `jku`, `x5c`, `x5u`) or extensions (`crit`) is refused, as is base64url that is not canonical.
 * Throws TokenRefused.
 */
export async function verifyJws(token: string, keys: VerificationKeys, expected: JwsExpectation): Promise<JWTPayload> {
  if (token.length > MAX_TOKEN_LENGTH || !COMPACT.test(token)) throw new TokenRefused('malformed');
  if (!token.split('.').every(isCanonicalBase64Url)) throw new TokenRefused('malformed');
  const kid = readKid(token, expected.typ);
  const key = await keys.find(kid);
  if (!key) throw new TokenRefused('unknown_key');
  const payload = await compactVerify(token, key, { algorithms: ['EdDSA'] })
    .then((verified) => verified.payload)
    .catch(() => {
      throw new TokenRefused('bad_signature');
    });
  return checkClaims(parseClaims(payload), expected);
}

function readKid(token: string, typ: string): string {
  const header = decodeHeader(token);
  if (header['alg'] !== 'EdDSA') throw new TokenRefused('wrong_algorithm');
  if (header['typ'] !== typ) throw new TokenRefused('wrong_type');
  if (['jwk', 'jku', 'x5c', 'x5u', 'crit', 'b64'].some((name) => name in header))
    throw new TokenRefused('foreign_key_header');
  if (typeof header['kid'] !== 'string') throw new TokenRefused('unknown_key');
  return header['kid'];
}

function decodeHeader(token: string): Record<string, unknown> {
  try {
    return decodeProtectedHeader(token) as Record<string, unknown>;
  } catch {
    throw new TokenRefused('malformed');
  }
}

function parseClaims(payload: Uint8Array): JWTPayload {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as JWTPayload;
  } catch {
    // falls through to the refusal below
  }
  throw new TokenRefused('malformed');
}

function checkClaims(claims: JWTPayload, expected: JwsExpectation): JWTPayload {
  const now = Date.now() / 1000;
  if (claims.iss !== expected.issuer) throw new TokenRefused('wrong_issuer');
  if (claims.aud !== expected.audience) throw new TokenRefused('wrong_audience');
  if (typeof claims.exp !== 'number' || typeof claims.iat !== 'number') throw new TokenRefused('malformed');
  if (claims.exp <= now) throw new TokenRefused('expired');
  if (claims.iat > now + CLOCK_TOLERANCE_S) throw new TokenRefused('issued_in_the_future');
  if (claims.nbf !== undefined && claims.nbf > now + CLOCK_TOLERANCE_S) throw new TokenRefused('not_yet_valid');
  return claims;
}

function isCanonicalBase64Url(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}
