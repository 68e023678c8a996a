import type { PrincipalType } from '@oneclaw/caller';
import type { CreatePolicyRequest, ExplainAccessRequest, UpdatePolicyRequest } from '@oneclaw/contracts/vault';
import { isSecretPath, SECRET_PATH_RULE } from '../secrets/secret-path.js';
import { checkUuid } from '../validation/uuid.js';
import type { AccessQuestion } from './explain-access.service.js';
import type { Permission } from './engine/index.js';
import type { NewPolicyInput } from './policies.service.js';
import type { PolicyChange } from './policies.repository.js';
import {
  checkAddress,
  checkExpiry,
  checkPermission,
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
  checkPrincipalType(principalType, problems);
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

/** Throws as above. */
export function toQuestion(request: ExplainAccessRequest): AccessQuestion {
  const problems: Problems = {};
  const vaultId = checkUuid(request.vaultId, 'vault_id');
  const principalId = checkUuid(request.principalId, 'principal_id');
  const { principalType, path, permission, ipAddress, at = new Date() } = request;
  checkPrincipalType(principalType, problems);
  if (!isSecretPath(path)) problems['path'] = SECRET_PATH_RULE;
  checkPermission(permission, problems);
  checkAddress(ipAddress, problems);
  if (Number.isNaN(at.getTime())) problems['at'] = 'must be a date';
  refuseProblems(problems);
  return {
    vaultId,
    principalId,
    principalType: principalType as PrincipalType,
    path,
    permission: permission as Permission,
    ipAddress,
    at,
  };
}

function checkPrincipalType(type: string, problems: Problems): void {
  if (type !== 'user' && type !== 'agent') problems['principal_type'] = 'must be user or agent';
}
