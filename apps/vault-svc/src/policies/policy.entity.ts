import type { PrincipalType } from '@oneclaw/caller';
import type { Conditions, Permission } from './engine/index.js';

/** A policy as it is stored. */
export interface Policy {
  id: string;
  vaultId: string;
  secretPathPattern: string;
  principalType: PrincipalType;
  principalId: string;
  permissions: Permission[];
  conditions: Conditions;
  expiresAt: Date | null;
  /** UUID. */
  createdBy: string;
  createdByType: 'user' | 'system';
  createdAt: Date;
}
