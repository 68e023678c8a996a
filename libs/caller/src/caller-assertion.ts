import type { Caller, Role, SessionKind } from './caller.js';
import { TokenRefused, verifyJws } from './jws.js';
import type { VerificationKeys } from './verification-keys.js';

/** What every caller assertion says about itself; auth-svc signs with these, everyone verifies with them. */
export const CALLER_ASSERTION = {
  typ: 'caller+jwt',
  issuer: 'oneclaw:auth-svc',
  audience: 'oneclaw:services',
  lifetimeSeconds: 60,
};

/** The claims of a caller assertion, short names because it travels with every call. */
export function encodeCallerClaims(caller: Caller, nowSeconds: number): Record<string, unknown> {
  return {
    iss: CALLER_ASSERTION.issuer,
    aud: CALLER_ASSERTION.audience,
    sub: `${caller.type}:${caller.id}`,
    org: caller.orgId,
    rol: caller.role,
    sid: caller.sessionId,
    knd: caller.sessionKind,
    pth: caller.pathScopes,
    are: caller.areaScopes,
    vlt: caller.vaultIds,
    int: caller.intentsEnabled,
    eml: caller.email,
    emv: caller.emailVerified,
    reg: caller.registeredBy,
    iat: nowSeconds,
    exp: nowSeconds + CALLER_ASSERTION.lifetimeSeconds,
  };
}

interface Verified {
  caller: Caller;
  expiresAtMs: number;
}

const MAX_CACHED = 10_000;

/** Verifies assertions; each one once, since one assertion accompanies every call of its caller for a minute. */
export class CallerVerifier {
  private readonly verified = new Map<string, Verified>();

  constructor(private readonly keys: VerificationKeys) {}

  /** Throws TokenRefused. */
  async verify(assertion: string): Promise<Caller> {
    const cached = this.verified.get(assertion);
    if (cached) {
      if (cached.expiresAtMs > Date.now()) return cached.caller;
      this.verified.delete(assertion);
      throw new TokenRefused('expired');
    }
    const claims = await verifyJws(assertion, this.keys, CALLER_ASSERTION);
    const caller = decodeCallerClaims(claims);
    this.remember(assertion, { caller, expiresAtMs: (claims.exp as number) * 1000 });
    return caller;
  }

  private remember(assertion: string, entry: Verified): void {
    this.verified.set(assertion, entry);
    if (this.verified.size <= MAX_CACHED) return;
    const oldest = this.verified.keys().next();
    if (!oldest.done) this.verified.delete(oldest.value);
  }
}

function decodeCallerClaims(claims: Record<string, unknown>): Caller {
  const [type, id] = String(claims['sub']).split(':');
  if ((type !== 'user' && type !== 'agent') || !id) throw new TokenRefused('malformed');
  return {
    type,
    id,
    orgId: claims['org'] as string,
    ...(claims['rol'] === undefined ? {} : { role: claims['rol'] as Role }),
    sessionId: claims['sid'] as string,
    sessionKind: claims['knd'] as SessionKind,
    pathScopes: claims['pth'] as string[],
    areaScopes: claims['are'] as string[],
    vaultIds: claims['vlt'] as string[],
    intentsEnabled: claims['int'] === true,
    ...(claims['eml'] === undefined ? {} : { email: claims['eml'] as string, emailVerified: claims['emv'] === true }),
    ...(claims['reg'] === undefined ? {} : { registeredBy: claims['reg'] as string }),
  };
}
