import type { PrincipalType } from '@oneclaw/caller';

export const RECIPIENT_TYPES = ['creator', 'user', 'agent', 'external_email', 'anyone_with_link'] as const;

/** `creator`: the human who registered the agent that shares. */
export type RecipientType = (typeof RECIPIENT_TYPES)[number];

/** Whom a share is for. */
export interface Recipient {
  type: RecipientType;
  /** UUID of the user or agent; null for addresses and links. */
  id: string | null;
  /** Of external_email, as given. */
  email: string | null;
  /** The form by which addresses are compared. */
  emailCanonical: string | null;
}

/** Whoever shares: by whose right a share opens. */
export interface Sharer {
  type: PrincipalType;
  id: string;
}

/** What whoever shares decides. */
export interface ShareTerms {
  /** Null = as often as one likes. */
  maxAccessCount: number | null;
  expiresAt: Date;
  /** Addresses and CIDRs; empty = from everywhere. */
  ipAllowlist: string[];
}

export interface NewShare extends ShareTerms {
  id: string;
  secretId: string;
  secretVersion: number;
  sharer: Sharer;
  recipient: Recipient;
  passphraseHash: string | null;
}

/** A share with the place of its secret. */
export interface Share extends NewShare {
  orgId: string;
  vaultId: string;
  path: string;
  accessCount: number;
  /** The account that accepted it. */
  acceptedBy: string | null;
  declined: boolean;
  revoked: boolean;
  /** Whether the secret was deleted since it was shared; a later PUT revives the path, and no share of it. */
  secretDeleted: boolean;
  createdAt: Date;
}

/** What lists say of a share. */
export interface ListedShare {
  id: string;
  path: string;
  recipientType: RecipientType;
  recipientEmail: string | null;
  accessCount: number;
  maxAccessCount: number | null;
  expiresAt: Date;
  createdAt: Date;
  isExpired: boolean;
  isAccepted: boolean;
}
