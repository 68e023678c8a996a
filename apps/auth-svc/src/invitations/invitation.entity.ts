import type { Role } from '@oneclaw/caller';

/** Somebody is asked to join an org. */
export interface Invitation {
  /** UUIDv4: it says nothing about when. */
  id: string;
  /** As given. */
  email: string;
  role: Role;
  invitedBy: string;
  createdAt: Date;
  expiresAt: Date;
}

export interface NewInvitation extends Pick<Invitation, 'id' | 'email' | 'role' | 'invitedBy'> {
  orgId: string;
  emailCanonical: string;
  tokenHash: Buffer;
  lifetimeMs: number;
}

/** What somebody with a right to it can take up. */
export interface Offer extends Pick<Invitation, 'id' | 'role' | 'invitedBy'> {
  orgId: string;
}
