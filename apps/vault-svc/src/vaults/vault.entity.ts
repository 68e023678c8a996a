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

/** What a vault's next version is sealed under, and what its value is taken to be encrypted with. */
export interface WriteKeys extends VaultKek {
  /** Of the client's key; null = none. */
  cmekFingerprint: string | null;
  /** It may be another key of the client's: a rotation has to try the value. */
  cmekUncertain: boolean;
}

/** As crypto-svc has made it. */
export interface NewKek extends VaultKek {
  /** Of the root key that wraps it. */
  rootGeneration: number;
}

/** Holds the private keys of the org's agents. One per org, made by the system, with no owner to bypass its policies. */
export const SYSTEM_VAULT_NAME = '__agent-keys';
