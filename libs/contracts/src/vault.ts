export * from './generated/oneclaw/vault/v1/grants.js';
export * from './generated/oneclaw/vault/v1/kek_rotations.js';
export * from './generated/oneclaw/vault/v1/org_holds.js';
export * from './generated/oneclaw/vault/v1/policies.js';
export * from './generated/oneclaw/vault/v1/root_keys.js';
export * from './generated/oneclaw/vault/v1/secrets.js';
export * from './generated/oneclaw/vault/v1/shares.js';
export * from './generated/oneclaw/vault/v1/vaults.js';
