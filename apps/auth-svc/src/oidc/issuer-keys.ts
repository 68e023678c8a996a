import { Injectable } from '@nestjs/common';
import { GuardedFetch } from '@oneclaw/guarded-fetch';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { ExpiringEntries } from './expiring-entries.js';
import { InFlightPerOrg } from './in-flight-per-org.js';
import { IssuerUnavailable } from './issuer-unavailable.js';

interface Keys {
  get: JWTVerifyGetKey;
  at: number;
}

const FRESH_MS = 10 * 60_000;
/** Keys of an issuer that does not answer any more are believed for so long. */
const STALE_MS = 60 * 60_000;
/** An unknown `kid` asks for new keys no more often than this, and neither does a failure. */
const REFETCH_MS = 15_000;
const MAX_KEYS = 64;
const FETCH_MS = 3000;

/**
 * Keys of the issuers that agents name (OpenID Connect Discovery 1.0). One fetch per issuer at a time, and few per org: one that hangs
 * holds up nobody but its own agents.
 */
@Injectable()
export class IssuerKeys {
  private readonly known = new ExpiringEntries<Keys>({ max: 500, lifetimeMs: STALE_MS });
  private readonly failed = new ExpiringEntries<string>({ max: 500, lifetimeMs: REFETCH_MS });
  private readonly fetching = new Map<string, Promise<Keys>>();
  private readonly perOrg = new InFlightPerOrg(4);

  constructor(private readonly fetcher: GuardedFetch) {}

  /** @param orgId for whom; @param olderThanMs keys younger than this will do. Rejects with IssuerUnavailable. */
  async of(issuer: string, orgId: string, olderThanMs = FRESH_MS): Promise<JWTVerifyGetKey> {
    const known = this.known.get(issuer);
    if (known && performance.now() - known.at < olderThanMs) return known.get;
    const failure = this.failed.get(issuer);
    if (failure === undefined) return (await this.fetchOnce(issuer, orgId, known)).get;
    if (known) return known.get;
    throw new IssuerUnavailable(failure);
  }

  /** As `of`, after a token named a key that those we have do not hold. */
  async renewed(issuer: string, orgId: string): Promise<JWTVerifyGetKey> {
    return this.of(issuer, orgId, REFETCH_MS);
  }

  private fetchOnce(issuer: string, orgId: string, known: Keys | undefined): Promise<Keys> {
    const running = this.fetching.get(issuer);
    if (running) return running;
    const fetching = this.perOrg
      .run(orgId, () => this.fetch(issuer))
      .then((get) => {
        const keys = { get, at: performance.now() };
        this.known.set(issuer, keys);
        return keys;
      })
      .catch((error: unknown) => {
        const reason = error instanceof IssuerUnavailable ? error.reason : 'issuer_unreachable';
        if (reason !== 'issuer_busy') this.failed.set(issuer, reason);
        if (known) return known;
        throw new IssuerUnavailable(reason, { cause: error });
      })
      .finally(() => this.fetching.delete(issuer));
    this.fetching.set(issuer, fetching);
    return fetching;
  }

  private async fetch(issuer: string): Promise<JWTVerifyGetKey> {
    const jwks = await this.json(await this.jwksUri(issuer));
    const keys = (jwks as Partial<JSONWebKeySet>).keys;
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS) throw new IssuerUnavailable('bad_jwks');
    try {
      return createLocalJWKSet({ keys });
    } catch (error) {
      throw new IssuerUnavailable('bad_jwks', { cause: error });
    }
  }

  /**
   * What the issuer publishes about itself must name it exactly; another's document does not serve (section 4.3). One that publishes
   * nothing has its keys in the usual place.
   */
  private async jwksUri(issuer: string): Promise<string> {
    const base = `${issuer.replace(/\/$/, '')}/.well-known`;
    const configuration = await this.json(`${base}/openid-configuration`).catch((error: unknown) => {
      if (error instanceof IssuerUnavailable && error.reason === 'issuer_has_none') return undefined;
      throw error;
    });
    if (!configuration) return `${base}/jwks.json`;
    const { issuer: named, jwks_uri: uri } = configuration as { issuer?: unknown; jwks_uri?: unknown };
    if (named !== issuer || typeof uri !== 'string') throw new IssuerUnavailable('bad_discovery');
    return uri;
  }

  private async json(url: string): Promise<object> {
    const { status, body } = await this.fetcher.fetch(url, { timeoutMs: FETCH_MS });
    if (status === 404) throw new IssuerUnavailable('issuer_has_none');
    if (status !== 200) throw new IssuerUnavailable('issuer_refused');
    const value: unknown = JSON.parse(body.toString());
    if (typeof value !== 'object' || value === null) throw new IssuerUnavailable('bad_discovery');
    return value;
  }
}
