import type { PutSecretItem, SecretMetadata, SecretValue, SecretVersion } from '@oneclaw/contracts/vault';
import type { InputOf } from '../api/operation.js';
import { WithHeaders } from '../api/with-headers.js';
import { instantOf, jsonOf, objectFrom, optionalInstant, present } from '../api/wire.js';
import type { putSecret } from './secrets.operations.js';
import type { SecretMetadataResponse, SecretResponse, SecretVersionEntry, VersionState } from './secrets.schemas.js';
import { toPreconditions, versionTag } from './version-tags.js';

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

export function toVersionEntry(version: SecretVersion): SecretVersionEntry {
  const { metadata, createdBy, state, maxAccessCount, accessCount, cmekEncrypted } = version;
  return {
    ...toMetadataResponse(metadata),
    created_by: createdBy,
    state: state as VersionState,
    max_access_count: maxAccessCount,
    access_count: accessCount,
    cmek_encrypted: cmekEncrypted,
  };
}

/** With the entity tag of its version. */
export function tagged<T extends { version: number }>(body: T): WithHeaders<T> {
  return new WithHeaders({ etag: versionTag(body.version) }, body);
}

type PutInput = InputOf<typeof putSecret>;

export function toPutItem({ params, body, headers }: PutInput): Omit<PutSecretItem, 'callerIndex'> {
  return {
    vaultId: params.vault_id,
    path: params.path,
    type: body.type ?? '',
    value: Buffer.from(body.value, 'utf8'),
    metadataJson: jsonOf(body.metadata),
    rotationPolicyJson: jsonOf(body.rotation_policy),
    expiresAt: body.expires_at,
    maxAccessCount: body.max_access_count,
    preconditions: toPreconditions(headers),
  };
}
