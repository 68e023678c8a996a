import type { KekRotation } from '@oneclaw/contracts/vault';
import { instantOf, optionalInstant, present } from '../api/wire.js';
import type { KekRotationResponse } from './kek-rotations.schemas.js';

export function toKekRotationResponse(found: KekRotation | undefined): KekRotationResponse {
  const rotation = present(found, 'the rotation');
  return {
    id: rotation.id,
    vault_id: rotation.vaultId,
    status: rotation.status as KekRotationResponse['status'],
    total_versions: rotation.totalVersions,
    rewrapped: rotation.rewrapped,
    damaged: rotation.damaged,
    created_at: instantOf(rotation.createdAt),
    completed_at: optionalInstant(rotation.completedAt),
  };
}
