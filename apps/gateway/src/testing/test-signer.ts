import { type KeyObject, generateKeyPairSync, randomUUID } from 'node:crypto';
import { CALLER_ASSERTION, type Caller, encodeCallerClaims } from '@oneclaw/caller';
import { SignJWT } from 'jose';
import { SESSION_TOKEN_TYP } from '../sessions/session-token.js';

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'oneclaw-test';

/** Signs tokens and assertions as auth-svc would, with a key of the test's own. */
export class TestSigner {
  readonly kid = randomUUID();
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;

  constructor() {
    ({ privateKey: this.privateKey, publicKey: this.publicKey } = generateKeyPairSync('ed25519'));
  }

  get verificationKey(): { kid: string; publicKey: Buffer } {
    const { x } = this.publicKey.export({ format: 'jwk' });
    return { kid: this.kid, publicKey: Buffer.from(x as string, 'base64url') };
  }

  async sessionToken(caller: Caller, changes: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: `${caller.type}:${caller.id}`,
      org: caller.orgId,
      jti: caller.sessionId,
    };
    return this.sign(SESSION_TOKEN_TYP, { ...claims, iat: now, exp: now + 900, ...changes });
  }

  async assertion(caller: Caller): Promise<string> {
    return this.sign(CALLER_ASSERTION.typ, encodeCallerClaims(caller, Math.floor(Date.now() / 1000)));
  }

  async sign(typ: string, claims: Record<string, unknown>): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: this.kid, typ }).sign(this.privateKey);
  }
}
