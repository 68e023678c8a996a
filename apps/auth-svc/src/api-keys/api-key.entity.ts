import type { UserFacts } from '../sessions/session-issuer.js';

/** A key that a person made for programs of their own. */
export interface ApiKey {
  id: string;
  name: string;
  /** The first characters of the key. */
  prefix: string;
  scopes: string[];
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  /** Whether it has not expired; revoked keys are gone. */
  isActive: boolean;
}

/** What its user decides about a new key. */
export type ApiKeySettings = Pick<ApiKey, 'name' | 'scopes' | 'expiresAt'>;

/** As it is stored: the key itself is nowhere. */
export interface NewApiKey extends ApiKeySettings {
  id: string;
  prefix: string;
  /** HMAC of the key under the HSM's MAC key. */
  mac: Buffer;
}

/** Whose key it is, as things stand now. */
export interface ApiKeyHolder extends Omit<UserFacts, 'role'> {
  keyId: string;
  scopes: string[];
  expiresAt: Date | null;
  expired: boolean;
  /** Null for somebody who is no member of the key's org any more. */
  role: UserFacts['role'] | null;
  emailVerified: boolean;
  /** Whether the time of the last use is older than what we keep it to. */
  useIsDue: boolean;
}
