import { Inject, Injectable } from '@nestjs/common';
import { unavailable } from '@oneclaw/errors';
import { GuardedFetch, TargetRules } from '@oneclaw/guarded-fetch';
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { CONFIG, type AuthConfig } from '../config.js';

/** What a verified ID token says about its subject. */
export interface GoogleIdentity {
  sub: string;
  email: string;
  /** A display name; empty where there is none. */
  name: string;
}

/** Whatever is wrong with an ID token. `reason` is for the audit trail. */
export class GoogleTokenRefused extends Error {
  constructor(readonly reason: string) {
    super(`the ID token was refused: ${reason}`);
  }
}

/** Asymmetric ones only: a public key must never pass for an HMAC secret. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const FETCH_TIMEOUT_MS = 5000;
const CLOCK_TOLERANCE_SECONDS = 5;
const GOOGLE = 'https://accounts.google.com';

/** Verifies ID tokens (OpenID Connect Core 1.0, section 3.1.3.7) against the issuer's published keys. */
@Injectable()
export class GoogleTokens {
  private readonly keys: JWTVerifyGetKey;
  private readonly expected;

  constructor(@Inject(CONFIG) config: AuthConfig) {
    const url = new URL(config.GOOGLE_JWKS_URL);
    if (url.protocol !== 'https:' && config.ONECLAW_PROFILE === 'production') {
      throw new Error('GOOGLE_JWKS_URL must be https.');
    }
    this.keys = createRemoteJWKSet(url, { timeoutDuration: FETCH_TIMEOUT_MS, [customFetch]: boundedFetch(url) });
    this.expected = {
      // Google writes its own name in two ways.
      issuer: config.GOOGLE_ISSUER === GOOGLE ? [GOOGLE, 'accounts.google.com'] : [config.GOOGLE_ISSUER],
      audience: config.GOOGLE_CLIENT_IDS,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['sub', 'iat', 'exp', 'email'],
    };
  }

  /** Without client ids there is nobody whom a token could be for. */
  get isConfigured(): boolean {
    return this.expected.audience.length > 0;
  }

  /** Throws GoogleTokenRefused, or `unavailable` while the issuer's keys cannot be had. */
  async verify(idToken: string): Promise<GoogleIdentity> {
    const claims = await this.claimsOf(idToken);
    const { sub, email, name, aud, azp } = claims;
    if (typeof sub !== 'string' || sub === '' || sub.length > 255) throw new GoogleTokenRefused('bad_subject');
    if (typeof email !== 'string') throw new GoogleTokenRefused('no_email');
    if (claims['email_verified'] !== true) throw new GoogleTokenRefused('email_not_verified');
    // A token for several audiences is ours only if it was issued to one of our clients.
    const several = Array.isArray(aud) && aud.length > 1;
    if (several && !this.expected.audience.includes(String(azp))) throw new GoogleTokenRefused('wrong_party');
    return { sub, email, name: typeof name === 'string' ? name : '' };
  }

  private async claimsOf(idToken: string): Promise<JWTPayload> {
    try {
      return (await jwtVerify(idToken, this.keys, this.expected)).payload;
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError) || isBadAnswer(error)) {
        throw unavailable('Google cannot be asked for its keys at the moment. Try again shortly.', error);
      }
      throw new GoogleTokenRefused(error.code);
    }
  }
}

/** No redirects, bounded in time and size. Whoever configures the service vouches for the host. */
function boundedFetch({ hostname }: URL): (url: string) => Promise<Response> {
  const rules = new TargetRules({ allowHttp: true, allowTargets: [hostname.replace(/^\[|\]$/g, '')] });
  const fetcher = new GuardedFetch(rules, { timeoutMs: FETCH_TIMEOUT_MS });
  return async (url) => {
    const { status, headers, body } = await fetcher.fetch(url);
    return new Response(new Uint8Array(body), { status, headers });
  };
}

/** jose reports a key set that could not be fetched or read by its base class or as invalid, never as a matter of the token. */
function isBadAnswer(error: errors.JOSEError): boolean {
  return error instanceof errors.JWKSInvalid || error.code === errors.JOSEError.code;
}
