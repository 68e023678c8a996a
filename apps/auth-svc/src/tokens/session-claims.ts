import type { PrincipalType, Role } from '@oneclaw/caller';

/** What the claims of every session token say. */
export interface SessionClaims {
  jti: string;
  principalType: PrincipalType;
  principalId: string;
  orgId: string;
  /** Seconds since the epoch. */
  issuedAt: number;
  expiresAt: number;
}

/** A snapshot for clients; what binds is the current state. */
export type Snapshot =
  { role: Role; email: string } | { scopes: string[]; vault_ids: string[]; intents_api_enabled: boolean };

export interface TokenNames {
  issuer: string;
  audience: string;
}

/** The claims of a bearer token, as the API promises them. */
export function encodeSessionClaims(
  names: TokenNames,
  claims: SessionClaims,
  snapshot: Snapshot,
): Record<string, unknown> {
  return {
    iss: names.issuer,
    aud: names.audience,
    sub: `${claims.principalType}:${claims.principalId}`,
    org: claims.orgId,
    iat: claims.issuedAt,
    exp: claims.expiresAt,
    jti: claims.jti,
    ...snapshot,
  };
}

const SUBJECT = /^(user|agent):([0-9a-f-]{36})$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The claims of a verified token; `undefined` for what we would not have written. */
export function decodeSessionClaims(
  claims: Record<string, unknown>,
): (SessionClaims & { intentsEnabled: boolean }) | undefined {
  const [, principalType, principalId] = SUBJECT.exec(String(claims['sub'])) ?? [];
  const { jti, org, iat, exp } = claims;
  if (!isUuid(principalId) || !isUuid(jti) || !isUuid(org) || typeof iat !== 'number' || typeof exp !== 'number') {
    return undefined;
  }
  return {
    jti,
    principalType: principalType as PrincipalType,
    principalId,
    orgId: org,
    issuedAt: iat,
    expiresAt: exp,
    intentsEnabled: claims['intents_api_enabled'] === true,
  };
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
