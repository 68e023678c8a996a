import type { PrincipalType } from '@oneclaw/caller';
import type { CreatePolicyRequest, UpdatePolicyRequest } from '@oneclaw/contracts/vault';
import { checkUuid } from '../validation/uuid.js';
import type { NewPolicyInput } from './policies.service.js';
import type { PolicyChange } from './policies.repository.js';
import {
  checkExpiry,
  checkPattern,
  checkPermissions,
  parseConditions,
  refuseProblems,
  type Problems,
} from './policy-input.js';

/** Throws `invalid_argument` with every field that is wrong. */
export function toNewPolicy(request: CreatePolicyRequest): NewPolicyInput {
  const problems: Problems = {};
  const vaultId = checkUuid(request.vaultId, 'vault_id');
  const principalId = checkUuid(request.principalId, 'principal_id');
  const { secretPathPattern, principalType } = request;
  checkPattern(secretPathPattern, problems);
  if (principalType !== 'user' && principalType !== 'agent') problems['principal_type'] = 'must be user or agent';
  const permissions = checkPermissions(request.permissions, problems);
  const conditions = parseConditions(request.conditionsJson, problems);
  checkExpiry(request.expiresAt, problems);
  refuseProblems(problems);
  return {
    vaultId,
    principalId,
    secretPathPattern,
    principalType: principalType as PrincipalType,
    permissions,
    conditions,
    expiresAt: request.expiresAt ?? null,
  };
}

/** Given fields replace, absent ones stay, cleared ones go. Throws as above. */
export function toChange(request: UpdatePolicyRequest): PolicyChange {
  const problems: Problems = {};
  const change: PolicyChange = {};
  if (request.permissions.length > 0) change.permissions = checkPermissions(request.permissions, problems);
  if (request.conditionsJson !== undefined) change.conditions = parseConditions(request.conditionsJson, problems);
  if (request.clearExpiresAt) change.expiresAt = null;
  else if (request.expiresAt) change.expiresAt = request.expiresAt;
  checkExpiry(request.expiresAt, problems);
  refuseProblems(problems);
  return change;
}
