import type { Vault } from '@oneclaw/contracts/vault';
import { instantOf, orAbsent, present } from '../api/wire.js';
import type { VaultResponse } from './vaults.schemas.js';

export function toVaultResponse(found: Vault | undefined): VaultResponse {
  const vault = present(found, 'the vault');
  return {
    id: vault.id,
    name: vault.name,
    description: orAbsent(vault.description),
    created_by: vault.createdBy,
    created_by_type: vault.createdByType,
    created_at: instantOf(vault.createdAt),
    cmek_enabled: vault.cmekEnabled,
    cmek_fingerprint: orAbsent(vault.cmekFingerprint),
  };
}
