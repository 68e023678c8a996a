import { isUtf8 } from 'node:buffer';
import type { PutSecretItem } from '@oneclaw/contracts/vault';
import { invalid } from '@oneclaw/errors';
import { jsonObjectProblem } from '../validation/json-object.js';
import { checkUuid } from '../validation/uuid.js';
import type { Preconditions } from './preconditions.js';
import { checkSecretPath } from './secret-path.js';
import { MAX_VALUE_BYTES, SECRET_TYPES, type SecretType } from './secret.entity.js';

/** A version to be written, checked. */
export interface PutInput {
  vaultId: string;
  path: string;
  type: SecretType;
  value: Buffer;
  metadataJson: string;
  rotationPolicyJson: string | null;
  expiresAt: Date | null;
  maxAccessCount: number | null;
  preconditions: Preconditions | undefined;
}

const MAX_COUNT = 2 ** 31 - 1;

/** Throws `invalid_argument` with every field that is wrong. An `expires_at` in the past is allowed: the version is born expired. */
export function checkPut(item: PutSecretItem): PutInput {
  const vaultId = checkUuid(item.vaultId, 'vault_id');
  checkSecretPath(item.path);
  const type = (item.type || 'generic') as SecretType;
  const metadataJson = item.metadataJson || '{}';
  const rotationPolicyJson = item.rotationPolicyJson || null;
  const fields = withoutUndefined({
    type: SECRET_TYPES.includes(type) ? undefined : `must be one of ${SECRET_TYPES.join(', ')}`,
    value: valueProblem(item.value),
    metadata: jsonObjectProblem(metadataJson),
    rotation_policy: rotationPolicyJson === null ? undefined : jsonObjectProblem(rotationPolicyJson),
    expires_at: Number.isNaN(item.expiresAt?.getTime()) ? 'must be a date' : undefined,
    max_access_count: countProblem(item.maxAccessCount),
  });
  if (Object.keys(fields).length > 0) throw invalid('The secret is not valid.', fields);
  return {
    vaultId,
    path: item.path,
    type,
    value: item.value,
    metadataJson,
    rotationPolicyJson,
    expiresAt: item.expiresAt ?? null,
    maxAccessCount: item.maxAccessCount ?? null,
    preconditions: item.preconditions,
  };
}

function valueProblem(value: Buffer): string | undefined {
  if (value.length > MAX_VALUE_BYTES) return `must not exceed ${MAX_VALUE_BYTES / 1024} KiB`;
  return isUtf8(value) ? undefined : 'must be UTF-8 text';
}

function countProblem(count: number | undefined): string | undefined {
  return count === undefined || (count >= 1 && count <= MAX_COUNT) ? undefined : `must be from 1 to ${MAX_COUNT}`;
}

function withoutUndefined(problems: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(problems).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
