import type { Principal } from '@oneclaw/caller';
import type { DomainError } from '@oneclaw/errors';
import type { OutboxEvent } from '@oneclaw/events';
import type { EntityManager } from 'typeorm';
import type { BatchCaller } from '../access/batch-callers.js';
import type { Actor } from '../audit/audit-trail.js';
import type { Refused } from '../audit/refusal-trail.js';
import type { Envelope } from '../crypto/envelopes.client.js';
import type { AccessVault } from '../policies/engine/index.js';
import type { VaultKek } from '../vaults/vault.entity.js';
import type { Preconditions } from './preconditions.js';
import type { SecretMetadata } from './secret.entity.js';

/** One item of a batch of reads on its way through: at the end it has an error or a value, or it is not modified or deferred. */
export interface SecretRead {
  /** By whose right, and from where. */
  by: Omit<BatchCaller, 'caller'> & { caller: Principal };
  /** Where somebody else reads by that right. */
  lending?: Lending;
  vaultId: string;
  path: string;
  /** 0 = the latest. */
  requestedVersion: number;
  preconditions?: Preconditions | undefined;
  found?: FoundSecret;
  value?: Buffer;
  /** The caller has this version already: nothing is opened, no access counted. */
  notModified?: boolean;
  /** It did not fit into the answer: nothing is done. */
  deferred?: boolean;
  error?: DomainError;
  /** It could not be opened: rows were damaged or tampered with. */
  damaged?: boolean;
}

/** A right to read that was lent: `by` of the read has it, somebody else uses it. At most one in a batch. */
export interface Lending {
  shareId: string;
  /** Who reads, in the org whose secret it is. */
  actor: Actor;
  /** Where it is known who that is. */
  reader: Principal | undefined;
  /** Within the transaction that counts the read, before anything is counted: why it may not be any more. */
  lock(manager: EntityManager): Promise<Refused | undefined>;
  /** Within the same transaction, when nothing stands against the read: counts it, and answers what else is to be told. */
  settle(manager: EntityManager, version: FoundVersion): Promise<OutboxEvent[]>;
}

/** What the database knows of an item; a part is missing where there is no such vault, secret or version. */
export interface FoundSecret {
  /** Without its value, which would be too much for one answer. */
  deferred?: boolean;
  vault?: AccessVault & { policiesRevision: number };
  secret?: FoundPath;
  version?: FoundVersion;
}

export interface FoundPath {
  id: string;
  currentVersion: number;
  deletedThrough: number;
  /** Its versions are not those that it says it has: rows were removed, or put back to an earlier state. Nothing of it opens. */
  inconsistent: boolean;
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
