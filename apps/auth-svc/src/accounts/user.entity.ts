import type { Role } from '@oneclaw/caller';

/** A person who can log in. */
export interface User {
  id: string;
  /** As given. */
  email: string;
  emailCanonical: string;
  /** argon2id PHC string; null for accounts without a password. */
  passwordHash: string | null;
  displayName: string | null;
  authMethod: 'password' | 'google';
}

/** What a login needs to know about the account of an address. */
export interface Account extends Pick<User, 'id' | 'email' | 'passwordHash'> {
  orgId: string;
  role: Role;
  credentialEpoch: number;
  emailVerified: boolean;
  mfaEnabled: boolean;
}

/** What a person sees of their own account. */
export interface Profile extends Pick<User, 'id' | 'email' | 'displayName' | 'authMethod'> {
  orgId: string;
  role: Role;
  emailVerified: boolean;
  marketingEmails: boolean;
  totpEnabled: boolean;
  createdAt: Date;
}
