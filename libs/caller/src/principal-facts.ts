import type { Principal } from './caller.js';
import { TokenRefused, verifyJws } from './jws.js';
import type { VerificationKeys } from './verification-keys.js';

/**
 * auth-svc's signed word on what bounds a principal now who is not calling: whoever shared a secret, at the moment when somebody
 * opens it. It opens nothing by itself, and is no proof that the principal asked for anything.
 */
export const PRINCIPAL_FACTS = {
  typ: 'facts+jwt',
  issuer: 'oneclaw:auth-svc',
  audience: 'oneclaw:services',
  lifetimeSeconds: 60,
};

export interface StatedPrincipal extends Principal {
  /** Where its human gets mail: the user, or whoever registered the agent; absent where that human has left the org. */
  email?: string;
}

export function encodePrincipalFacts(principal: StatedPrincipal, nowSeconds: number): Record<string, unknown> {
  return {
    iss: PRINCIPAL_FACTS.issuer,
    aud: PRINCIPAL_FACTS.audience,
    sub: `${principal.type}:${principal.id}`,
    org: principal.orgId,
    pth: principal.pathScopes,
    vlt: principal.vaultIds,
    int: principal.intentsEnabled,
    eml: principal.email,
    iat: nowSeconds,
    exp: nowSeconds + PRINCIPAL_FACTS.lifetimeSeconds,
  };
}

export class PrincipalFactsVerifier {
  constructor(private readonly keys: VerificationKeys) {}

  /** Throws TokenRefused. The caller compares type, id and org with what it was asked about. */
  async verify(facts: string): Promise<StatedPrincipal> {
    const claims = await verifyJws(facts, this.keys, PRINCIPAL_FACTS);
    const [type, id] = String(claims.sub).split(':');
    const { org, pth, vlt, eml } = claims as Record<string, unknown>;
    if ((type !== 'user' && type !== 'agent') || !id || typeof org !== 'string') throw new TokenRefused('malformed');
    if (!Array.isArray(pth) || !Array.isArray(vlt)) throw new TokenRefused('malformed');
    return {
      type,
      id,
      orgId: org,
      pathScopes: pth as string[],
      vaultIds: vlt as string[],
      intentsEnabled: claims['int'] === true,
      ...(typeof eml === 'string' ? { email: eml } : {}),
    };
  }
}
