export type AgentAuthMethod = 'api_key' | 'mtls' | 'oidc_client_credentials';

/** What a human decides about an agent. */
export interface AgentSettings {
  name: string;
  description: string | null;
  authMethod: AgentAuthMethod;
  /** Entries with a colon are labels, the others path patterns. */
  scopes: string[];
  /** Empty = every vault of the org. */
  vaultIds: string[];
  expiresAt: Date | null;
  intentsApiEnabled: boolean;
  txToAllowlist: string[];
  /** Decimal native units, as given. */
  txMaxValueEth: string | null;
  txDailyLimitEth: string | null;
  txAllowedChains: string[];
  tokenTtlSeconds: number | null;
  /** SHA-256 of the certificate, 64 lower-case hex digits. */
  clientCertFingerprint: string | null;
  oidcIssuer: string | null;
  oidcClientId: string | null;
  shroudEnabled: boolean;
  /** JSON object. */
  shroudConfig: string | null;
}

/** A key as it is stored: MAC and first characters, never the key. */
export interface StoredKey {
  mac: Buffer;
  prefix: string;
}

/** Public halves of a generation of identity keys. */
export interface NewIdentityKeys {
  ed25519PublicKey: Uint8Array;
  p256PublicKey: Uint8Array;
  generation: number;
}

export interface NewAgent extends AgentSettings {
  id: string;
  orgId: string;
  createdBy: string;
  sshPublicKey: Uint8Array;
  ecdhPublicKey: Uint8Array;
  key: StoredKey | null;
  /** Of an enrolled agent: when it expires unless it is used. */
  unusedUntil?: Date;
}

export interface Agent extends AgentSettings {
  id: string;
  orgId: string;
  createdBy: string;
  isActive: boolean;
  /** Raw Ed25519 point, 32 bytes. */
  sshPublicKey: Uint8Array;
  /** Uncompressed P-256 point, 65 bytes. */
  ecdhPublicKey: Uint8Array;
  createdAt: Date;
  lastActiveAt: Date | null;
}
