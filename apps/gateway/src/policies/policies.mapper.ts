import type { CreatePolicyRequest, Policy, UpdatePolicyRequest } from '@oneclaw/contracts/vault';
import type { InputOf } from '../api/operation.js';
import { instantOf, jsonOf, objectFrom, optionalInstant, present } from '../api/wire.js';
import type { createPolicy, updatePolicy } from './policies.operations.js';
import type { PolicyResponse } from './policies.schemas.js';

export function toPolicyResponse(found: Policy | undefined): PolicyResponse {
  const policy = present(found, 'the policy');
  return {
    id: policy.id,
    vault_id: policy.vaultId,
    secret_path_pattern: policy.secretPathPattern,
    principal_type: policy.principalType,
    principal_id: policy.principalId,
    permissions: policy.permissions,
    conditions: objectFrom(policy.conditionsJson),
    expires_at: optionalInstant(policy.expiresAt),
    created_by: policy.createdBy,
    created_by_type: policy.createdByType,
    created_at: instantOf(policy.createdAt),
  };
}

export function toCreateRequest(
  { params, body }: InputOf<typeof createPolicy>,
  principalAttestation: string,
): CreatePolicyRequest {
  return {
    vaultId: params.vault_id,
    secretPathPattern: body.secret_path_pattern,
    principalType: body.principal_type,
    principalId: body.principal_id,
    permissions: body.permissions,
    conditionsJson: jsonOf(body.conditions),
    expiresAt: body.expires_at,
    principalAttestation,
  };
}

/** No permissions = they stay; cleared conditions are an empty object. */
export function toUpdateRequest({ params, body }: InputOf<typeof updatePolicy>): UpdatePolicyRequest {
  return {
    vaultId: params.vault_id,
    policyId: params.policy_id,
    permissions: body.permissions ?? [],
    conditionsJson: body.conditions === undefined ? undefined : JSON.stringify(body.conditions ?? {}),
    expiresAt: body.expires_at ?? undefined,
    clearExpiresAt: body.expires_at === null,
  };
}
