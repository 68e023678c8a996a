/** A vault's move from one key of the client's to another. */
export interface CmekRotation {
  id: string;
  vaultId: string;
  oldFingerprint: string;
  newFingerprint: string;
  status: 'running' | 'completed' | 'failed';
  totalVersions: number;
  processed: number;
  error: string | null;
  createdAt: Date;
  startedAt: Date;
  completedAt: Date | null;
  /** Running by the database's word, but nobody has been heard of lately who has the keys. */
  abandoned: boolean;
}

/** A running rotation, as the one who has its keys needs it. */
export interface CmekRotationWork {
  id: string;
  orgId: string;
  vaultId: string;
  oldFingerprint: string;
  newFingerprint: string;
  /** Whether the walk through the vault has come to its end. */
  walked: boolean;
  walkedPath: string;
  walkedVersion: number;
}

/** A vault's keys, as far as their fingerprints say. */
export interface CmekState {
  enabled: boolean;
  fingerprint: string | null;
}

export const INTERRUPTED = 'Interrupted. Repeat the call with both keys to go on.';
