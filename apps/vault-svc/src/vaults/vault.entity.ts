/** A live vault, as the rules need it; its wrapped KEK is read only where something is sealed or opened. */
export interface Vault {
  id: string;
  orgId: string;
  name: string;
  description: string | null;
  /** UUID; the nil UUID for the system. */
  createdBy: string;
  createdByType: 'user' | 'system';
  /** Grows with every change of the vault's policies. */
  policiesRevision: number;
  cmekEnabled: boolean;
  cmekFingerprint: string | null;
  createdAt: Date;
}

/** A vault's key-encryption key, wrapped by the HSM's root key. */
export interface VaultKek {
  kekId: string;
  wrapped: Buffer;
}

/** As crypto-svc has made it. */
export interface NewKek extends VaultKek {
  /** Of the root key that wraps it. */
  rootGeneration: number;
}

/** Holds the private keys of the org's agents. One per org, made by the system, with no owner to bypass its policies. */
export const SYSTEM_VAULT_NAME = '__agent-keys';
