import { matchesPattern, type PathPattern } from './path-pattern.js';
import type { CompiledPolicy, Permission } from './policy.js';

export type AccessAction = 'read' | 'write' | 'delete' | 'list' | 'share';

/** Who asks: the facts of a verified caller. */
export interface AccessSubject {
  type: 'user' | 'agent';
  id: string;
  orgId: string;
  /** Vaults that it is bound to; empty = not bound. */
  vaultIds: readonly string[];
  /** The ceiling over its paths; undefined = none. An empty list allows nothing. */
  pathScopes: readonly PathPattern[] | undefined;
}

export interface AccessVault {
  id: string;
  orgId: string;
  createdBy: string;
  createdByType: 'user' | 'system';
}

export interface AccessRequest {
  action: AccessAction;
  subject: AccessSubject;
  vault: AccessVault;
  path: string;
  /** The client's address; empty = not known, which no allow-list includes. */
  ip: string;
  /** Epoch milliseconds. */
  at: number;
}

/** Why an operation is refused. Those from `no_policy` on are told apart by how far the best policy got. */
export type Refusal =
  | 'other_org'
  | 'vault_not_bound'
  | 'outside_scope'
  | 'system_vault'
  | 'no_policy'
  | 'no_permission'
  | 'policy_expired'
  | 'ip_not_allowed'
  | 'outside_time_window';

export type Decision =
  | { allowed: true; reason: 'creator' | 'policy'; policyId?: string }
  | { allowed: false; reason: Refusal; policyId?: string };

const NEEDED: Record<AccessAction, readonly Permission[]> = {
  read: ['read'],
  list: ['read'],
  share: ['read'],
  write: ['write'],
  delete: ['delete', 'write'],
};

const CREATOR: Decision = { allowed: true, reason: 'creator' };

/**
 * The one place where access to a secret path is decided. Deny by default.
 * @param policies those of the subject in the vault, in any order.
 */
export function evaluate(request: AccessRequest, policies: readonly CompiledPolicy[]): Decision {
  const { action, subject, vault } = request;
  if (subject.orgId !== vault.orgId) return refuse('other_org');
  if (subject.vaultIds.length > 0 && !subject.vaultIds.includes(vault.id)) return refuse('vault_not_bound');
  const path = request.path.split('/');
  if (subject.pathScopes && !subject.pathScopes.some((scope) => matchesPattern(scope, path)))
    return refuse('outside_scope');
  if (vault.createdByType === 'system' && (action === 'write' || action === 'delete')) return refuse('system_vault');
  if (isCreator(subject, vault)) return CREATOR;
  return evaluatePolicies(request, path, policies);
}

export function isCreator(subject: Pick<AccessSubject, 'type' | 'id'>, vault: AccessVault): boolean {
  return vault.createdByType === 'user' && subject.type === 'user' && subject.id === vault.createdBy;
}

/** From the farthest away to the nearest to being allowed. */
const NEARNESS: readonly Refusal[] = [
  'no_policy',
  'no_permission',
  'policy_expired',
  'ip_not_allowed',
  'outside_time_window',
];

function evaluatePolicies(
  request: AccessRequest,
  path: readonly string[],
  policies: readonly CompiledPolicy[],
): Decision {
  let nearest: Decision = refuse('no_policy');
  for (const policy of policies) {
    const refusal = refusalOf(policy, request, path);
    if (refusal === undefined) return { allowed: true, reason: 'policy', policyId: policy.id };
    if (NEARNESS.indexOf(refusal) > NEARNESS.indexOf(nearest.reason as Refusal)) nearest = refuse(refusal, policy.id);
  }
  return nearest;
}

function refusalOf(
  policy: CompiledPolicy,
  { action, ip, at }: AccessRequest,
  path: readonly string[],
): Refusal | undefined {
  if (!matchesPattern(policy.pattern, path)) return 'no_policy';
  if (!NEEDED[action].some((permission) => policy.permissions.has(permission))) return 'no_permission';
  if (policy.expiresAt <= at) return 'policy_expired';
  const { allowlist, window } = policy.conditions;
  if (allowlist && !allowlist.includes(ip)) return 'ip_not_allowed';
  if (window && !window.includes(at)) return 'outside_time_window';
  return undefined;
}

function refuse(reason: Refusal, policyId?: string): Decision {
  return policyId === undefined ? { allowed: false, reason } : { allowed: false, reason, policyId };
}
