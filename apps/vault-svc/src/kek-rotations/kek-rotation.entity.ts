import type { VaultKek } from '../vaults/vault.entity.js';

/** A vault's move to a new KEK. */
export interface KekRotation {
  id: string;
  vaultId: string;
  status: 'running' | 'completed' | 'failed';
  totalVersions: number;
  rewrapped: number;
  /** Versions whose DEK does not open; they keep their KEK. */
  damaged: number;
  createdAt: Date;
  completedAt: Date | null;
}

/** A running rotation, as whoever works on it needs it. */
export interface RotationWork {
  id: string;
  orgId: string;
  vaultId: string;
  /** The new KEK. */
  to: VaultKek;
  rewrapped: number;
  damaged: number;
  /** The last version that the walk has seen. */
  walkedPath: string;
  walkedVersion: number;
}
