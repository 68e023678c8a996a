import { Inject, Injectable } from '@nestjs/common';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { CONFIG, type AuthConfig } from '../config.js';
import { IssuerKeys } from './issuer-keys.js';
import { IssuerUnavailable } from './issuer-unavailable.js';

/** Whom an assertion must come from and speak of. */
export interface ExpectedClient {
  issuer: string;
  clientId: string;
  orgId: string;
}

/** Asymmetric only: with HMAC the issuer's public key would be the secret. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const MAX_LENGTH = 16_384;
const CLOCK_TOLERANCE_SECONDS = 30;

/**
 * Statements of an issuer about its client. One serves as often as its client likes until it expires: workloads are handed one token for
 * a while (a Kubernetes projected token, say) and show it whenever they need one of ours, so `jti`s are not remembered.
 */
@Injectable()
export class ClientAssertions {
  constructor(
    @Inject(CONFIG) private readonly config: AuthConfig,
    private readonly keys: IssuerKeys,
  ) {}

  /** Why it proves nothing; `undefined` if it does. The issuer is asked only where the claims fit already. */
  async problemOf(assertion: string, expected: ExpectedClient): Promise<string | undefined> {
    const problem = this.claimsProblem(assertion, expected);
    if (problem) return problem;
    try {
      await this.verify(assertion, expected);
      return undefined;
    } catch (error) {
      if (error instanceof IssuerUnavailable) return error.reason;
      if (error instanceof errors.JOSEError) return 'bad_assertion';
      throw error;
    }
  }

  private claimsProblem(assertion: string, { issuer, clientId }: ExpectedClient): string | undefined {
    const claims = unverified(assertion);
    if (!claims) return 'malformed_assertion';
    // Our own tokens prove who holds them to us and to nobody else; no agent is spoken for by them.
    if (claims.iss !== issuer || issuer === this.config.TOKEN_ISSUER) return 'wrong_issuer';
    return claims.sub === clientId || claims['azp'] === clientId ? undefined : 'wrong_client';
  }

  /** With new keys where the ones that we have do not hold the one that it names. */
  private async verify(assertion: string, { issuer, orgId }: ExpectedClient): Promise<void> {
    const options = {
      issuer,
      audience: this.config.TOKEN_AUDIENCE,
      algorithms: ALGORITHMS,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    };
    try {
      await jwtVerify(assertion, await this.keys.of(issuer, orgId), options);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await jwtVerify(assertion, await this.keys.renewed(issuer, orgId), options);
    }
  }
}

/** What it says of itself, where it is worth a look at the signature. */
function unverified(assertion: string): JWTPayload | undefined {
  if (assertion.length > MAX_LENGTH) return undefined;
  try {
    const { alg } = decodeProtectedHeader(assertion);
    const claims = decodeJwt(assertion);
    const unexpired = typeof claims.exp === 'number' && claims.exp * 1000 > Date.now() - CLOCK_TOLERANCE_SECONDS * 1000;
    return alg !== undefined && ALGORITHMS.includes(alg) && unexpired ? claims : undefined;
  } catch {
    return undefined;
  }
}
