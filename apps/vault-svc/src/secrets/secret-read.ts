import type { DomainError } from '@oneclaw/errors';
import type { BatchCaller } from '../access/batch-callers.js';
import type { Envelope } from '../crypto/envelopes.client.js';
import type { AccessVault } from '../policies/engine/index.js';
import type { VaultKek } from '../vaults/vault.entity.js';
import type { SecretMetadata } from './secret.entity.js';

/** One item of a batch of reads on its way through: at the end it has either an error or a value. */
export interface SecretRead {
  by: BatchCaller;
  vaultId: string;
  path: string;
  /** 0 = the latest. */
  requestedVersion: number;
  found?: FoundSecret;
  value?: Buffer;
  error?: DomainError;
  /** The envelope did not open: the row was damaged or tampered with. */
  damaged?: boolean;
}

/** What the database knows of an item; a part is missing where there is no such vault, secret or version. */
export interface FoundSecret {
  vault?: AccessVault & { policiesRevision: number };
  secret?: { id: string; currentVersion: number; deletedThrough: number };
  version?: FoundVersion;
}

export interface FoundVersion extends SecretMetadata, Envelope {
  /** The one that wraps its DEK. */
  kek: VaultKek;
  rotationPolicyJson: string | null;
  cmekFingerprint: string | null;
  createdBy: string;
  maxAccessCount: number | null;
  accessCount: number;
}
