import type { Vault } from './vault.entity.js';

/** For a message of the contract, where what is absent is undefined. */
export function vaultToProto(vault: Vault) {
  const { description, cmekFingerprint, ...rest } = vault;
  return { ...rest, description: description ?? undefined, cmekFingerprint: cmekFingerprint ?? undefined };
}
