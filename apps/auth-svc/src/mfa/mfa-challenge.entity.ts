import type { Role, SessionKind } from '@oneclaw/caller';
import type { TotpFactor } from './totp-factors.repository.js';

/** The first factor was right; a code makes a session of it. */
export interface MfaChallenge {
  /** The jti of its token. */
  id: string;
  userId: string;
  orgId: string;
  /** The user's when it was made: a changed password ends it. */
  credentialEpoch: number;
  /** Of the session to come. */
  kind: Extract<SessionKind, 'password' | 'google'>;
  expiresAt: Date;
}

/** A challenge that is being answered, with what the answer needs. */
export interface OpenChallenge {
  id: string;
  kind: MfaChallenge['kind'];
  user: { id: string; orgId: string; role: Role; email: string; credentialEpoch: number };
  factor: TotpFactor;
}
