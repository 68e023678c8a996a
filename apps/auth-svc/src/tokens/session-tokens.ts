import { TokenRefused, VerificationKeys, verifyJws } from '@oneclaw/caller';
import { type SessionClaims, type TokenNames, decodeSessionClaims } from './session-claims.js';

export type VerifiedSession = SessionClaims & { intentsEnabled: boolean };

interface Entry {
  session: VerifiedSession;
  /** On the monotonic clock; then the signature is checked anew. */
  staleAt: number;
}

const MAX_REMEMBERED = 5000;
const REMEMBERED_MS = 60_000;

/** Verifies bearer tokens of ours: signature, issuer, audience, kind, expiry. Each signature once a minute at most. */
export class SessionTokens {
  private readonly remembered = new Map<string, Entry>();

  constructor(
    private readonly keys: VerificationKeys,
    private readonly names: TokenNames,
  ) {}

  /** Throws TokenRefused. Says nothing about the session's current state. */
  async verify(token: string): Promise<VerifiedSession> {
    const known = this.remembered.get(token);
    if (known && known.staleAt > performance.now()) return unexpired(known.session);
    this.remembered.delete(token);
    const claims = await verifyJws(token, this.keys, { typ: 'JWT', ...this.names });
    const session = decodeSessionClaims(claims);
    if (!session) throw new TokenRefused('malformed');
    this.remember(token, session);
    return session;
  }

  private remember(token: string, session: VerifiedSession): void {
    this.remembered.set(token, { session, staleAt: performance.now() + REMEMBERED_MS });
    if (this.remembered.size <= MAX_REMEMBERED) return;
    const oldest = this.remembered.keys().next();
    if (!oldest.done) this.remembered.delete(oldest.value);
  }
}

function unexpired(session: VerifiedSession): VerifiedSession {
  if (session.expiresAt * 1000 <= Date.now()) throw new TokenRefused('expired');
  return session;
}
