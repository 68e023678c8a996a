import type { PutSecretItem, SecretMetadata, SecretValue } from '@oneclaw/contracts/vault';
import type { InputOf } from '../api/operation.js';
import { instantOf, jsonOf, objectFrom, optionalInstant, present } from '../api/wire.js';
import type { putSecret } from './secrets.operations.js';
import type { SecretMetadataResponse, SecretResponse } from './secrets.schemas.js';

export function toMetadataResponse(found: SecretMetadata | undefined): SecretMetadataResponse {
  const secret = present(found, 'the metadata');
  return {
    id: secret.id,
    path: secret.path,
    type: secret.type,
    version: secret.version,
    metadata: objectFrom(secret.metadataJson),
    created_at: instantOf(secret.createdAt),
    expires_at: optionalInstant(secret.expiresAt),
  };
}

export function toSecretResponse({ metadata, value, createdBy, cmekEncrypted }: SecretValue): SecretResponse {
  return {
    ...toMetadataResponse(metadata),
    value: value.toString('utf8'),
    created_by: createdBy,
    cmek_encrypted: cmekEncrypted,
  };
}

type PutInput = InputOf<typeof putSecret>;

export function toPutItem(params: PutInput['params'], body: PutInput['body']): Omit<PutSecretItem, 'callerIndex'> {
  return {
    vaultId: params.vault_id,
    path: params.path,
    type: body.type ?? '',
    value: Buffer.from(body.value, 'utf8'),
    metadataJson: jsonOf(body.metadata),
    rotationPolicyJson: jsonOf(body.rotation_policy),
    expiresAt: body.expires_at,
    maxAccessCount: body.max_access_count,
  };
}
