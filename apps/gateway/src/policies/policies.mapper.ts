import type {
  CreatePolicyRequest,
  ExplainAccessRequest,
  ExplainAccessResponse as Explained,
  Policy,
  UpdatePolicyRequest,
} from '@oneclaw/contracts/vault';
import type { InputOf } from '../api/operation.js';
import { instantOf, jsonOf, objectFrom, optionalInstant, orAbsent, present } from '../api/wire.js';
import type { createPolicy, explainAccess, updatePolicy } from './policies.operations.js';
import type { ExplainAccessResponse, PolicyResponse } from './policies.schemas.js';

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

export function toExplainRequest(
  { params, body }: InputOf<typeof explainAccess>,
  principalAttestation: string,
  principalFacts: string,
): ExplainAccessRequest {
  return {
    vaultId: params.vault_id,
    principalType: body.principal_type,
    principalId: body.principal_id,
    principalAttestation,
    principalFacts,
    path: body.path,
    permission: body.permission,
    ipAddress: body.ip ?? '',
    at: body.at,
  };
}

export function toExplainResponse(explained: Explained): ExplainAccessResponse {
  return {
    allowed: explained.allowed,
    layer: explained.layer as ExplainAccessResponse['layer'],
    reason: explained.reason,
    detail: explained.detail,
    policy_id: orAbsent(explained.policyId),
    at: instantOf(explained.at),
    policies: explained.policies.map(({ policyId, secretPathPattern, mismatches }) => ({
      policy_id: policyId,
      secret_path_pattern: secretPathPattern,
      allows: mismatches.length === 0,
      mismatches: mismatches as ExplainAccessResponse['policies'][number]['mismatches'],
    })),
    policies_omitted: explained.policiesOmitted,
    notes: explained.notes,
  };
}
