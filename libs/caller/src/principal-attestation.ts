import type { PrincipalType } from './caller.js';
import { TokenRefused, verifyJws } from './jws.js';
import type { VerificationKeys } from './verification-keys.js';

/** auth-svc's signed word that a principal exists in an org, so that others need neither its tables nor a call to it. */
export const PRINCIPAL_ATTESTATION = {
  typ: 'principal+jwt',
  issuer: 'oneclaw:auth-svc',
  audience: 'oneclaw:services',
  lifetimeSeconds: 60,
};

export interface AttestedPrincipal {
  type: PrincipalType;
  id: string;
  orgId: string;
}

export class PrincipalVerifier {
  constructor(private readonly keys: VerificationKeys) {}

  /** Throws TokenRefused. The caller compares type, id and org with what it was asked about. */
  async verify(attestation: string): Promise<AttestedPrincipal> {
    const claims = await verifyJws(attestation, this.keys, PRINCIPAL_ATTESTATION);
    const [type, id] = String(claims.sub).split(':');
    if ((type !== 'user' && type !== 'agent') || !id || typeof claims['org'] !== 'string')
      throw new TokenRefused('malformed');
    return { type, id, orgId: claims['org'] };
  }
}
