import type { CmekRotation } from '@oneclaw/contracts/vault';
import { instantOf, optionalInstant, orAbsent, present } from '../api/wire.js';
import type { CmekRotationJobResponse } from './cmek.schemas.js';

export function toCmekRotationJobResponse(found: CmekRotation | undefined): CmekRotationJobResponse {
  const rotation = present(found, 'the rotation');
  return {
    id: rotation.id,
    vault_id: rotation.vaultId,
    old_fingerprint: rotation.oldFingerprint,
    new_fingerprint: rotation.newFingerprint,
    status: rotation.status as CmekRotationJobResponse['status'],
    total_secrets: rotation.totalVersions,
    processed: rotation.processed,
    error: orAbsent(rotation.error),
    started_at: optionalInstant(rotation.startedAt),
    completed_at: optionalInstant(rotation.completedAt),
    created_at: instantOf(rotation.createdAt),
  };
}
