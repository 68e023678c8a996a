import type { IncomingHttpHeaders } from 'node:http';
import { TokenRefused, type VerificationKeys, verifyJws } from '@oneclaw/caller';
import passportJwt from 'passport-jwt';
import { bearerToken } from './bearer-token.js';
import { SESSION_TOKEN_TYP } from './session-token.js';

type Claims = Awaited<ReturnType<typeof verifyJws>>;
type Done = (error: unknown, claims?: Claims) => void;
type Verifier = (token: string, keys: unknown, options: { issuer: string; audience: string }, done: Done) => void;

/**
 * passport-jwt verifies with jsonwebtoken, which knows no EdDSA, and lets its verifier be replaced for the whole process. Ours
 * takes the keys from the place of the secret, so it has no state, and several gateways live in one process.
 */
const verifyEdDsa: Verifier = (token, keys, { issuer, audience }, done) => {
  verifyJws(token, keys as VerificationKeys, { typ: SESSION_TOKEN_TYP, issuer, audience }).then(
    (claims) => done(null, claims),
    (error: unknown) => done(error),
  );
};
(passportJwt.Strategy as unknown as { JwtVerifier: Verifier }).JwtVerifier = verifyEdDsa;

export interface BearerOptions {
  keys: VerificationKeys;
  issuer: string;
  audience: string;
}

/** The `Authorization: Bearer` JWT of a request, verified locally: signature, kind, issuer, audience, times. */
export class BearerStrategy extends passportJwt.Strategy {
  constructor({ keys, issuer, audience }: BearerOptions) {
    super(
      {
        jwtFromRequest: (request) => bearerToken(request.headers.authorization) ?? null,
        secretOrKeyProvider: (_request, _token, done) => done(null, keys as unknown as string),
        issuer,
        audience,
      },
      (claims: Claims, done) => done(null, claims),
    );
  }

  /** Rejects with TokenRefused, or with what the fetch of the keys failed with. */
  async verify(request: { headers: IncomingHttpHeaders }): Promise<Claims> {
    return new Promise((resolve, reject) => {
      // As passport does it: one copy of the strategy per attempt, with the outcomes attached.
      const attempt = Object.create(this) as BearerStrategy;
      attempt.success = (claims: Claims) => resolve(claims);
      attempt.fail = (reason: unknown) => reject(reason instanceof Error ? reason : new TokenRefused('missing'));
      attempt.error = reject;
      attempt.authenticate(request as never);
    });
  }
}
