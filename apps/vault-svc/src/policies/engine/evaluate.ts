import { matchesPattern, mostSteps, type PathPattern } from './path-pattern.js';
import { candidatesFor } from './policy-index.js';
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

/** What keeps a policy from granting a request, from the farthest away to the nearest to granting it. */
export const MISMATCHES = ['pattern', 'permission', 'expired', 'ip_allowlist', 'time_window'] as const;
export type Mismatch = (typeof MISMATCHES)[number];

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
  | 'outside_time_window'
  | 'too_complex';

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

const REFUSALS: Record<Mismatch, Refusal> = {
  pattern: 'no_policy',
  permission: 'no_permission',
  expired: 'policy_expired',
  ip_allowlist: 'ip_not_allowed',
  time_window: 'outside_time_window',
};

/**
 * Steps of matching that one decision may take, a few milliseconds: thousands of times what policies written for use take. Whoever
 * may write policies could otherwise keep the service busy with patterns made for that.
 */
export const MAX_STEPS = 500_000;

const CREATOR: Decision = { allowed: true, reason: 'creator' };

/**
 * The one place where access to a secret path is decided. Deny by default.
 * @param policies those of the subject in the vault, in any order, in a list that does not change.
 */
export function evaluate(request: AccessRequest, policies: readonly CompiledPolicy[]): Decision {
  const { action, subject, vault } = request;
  if (subject.orgId !== vault.orgId) return refuse('other_org');
  const path = request.path.split('/');
  const outside = outsideBounds(subject, vault.id, path);
  if (outside) return refuse(outside);
  if (vault.createdByType === 'system' && (action === 'write' || action === 'delete')) return refuse('system_vault');
  if (isCreator(subject, vault)) return CREATOR;
  return evaluatePolicies(request, path, policies);
}

/** Why a path lies outside of what a subject is limited to, whoever grants it. */
export function outsideBounds(
  { vaultIds, pathScopes }: Pick<AccessSubject, 'vaultIds' | 'pathScopes'>,
  vaultId: string,
  path: readonly string[],
): 'vault_not_bound' | 'outside_scope' | undefined {
  if (vaultIds.length > 0 && !vaultIds.includes(vaultId)) return 'vault_not_bound';
  return pathScopes && !pathScopes.some((scope) => matchesPattern(scope, path)) ? 'outside_scope' : undefined;
}

export function isCreator(subject: Pick<AccessSubject, 'type' | 'id'>, vault: AccessVault): boolean {
  return vault.createdByType === 'user' && subject.type === 'user' && subject.id === vault.createdBy;
}

function evaluatePolicies(
  request: AccessRequest,
  path: readonly string[],
  policies: readonly CompiledPolicy[],
): Decision {
  let nearest = refuse('no_policy');
  let best = 0;
  let steps = 0;
  for (const policy of candidatesFor(policies, path)) {
    steps += mostSteps(policy.pattern, path);
    if (steps > MAX_STEPS) return refuse('too_complex');
    const mismatch = MISMATCHES.findIndex((each) => !holds(each, policy, request, path));
    if (mismatch === -1) return { allowed: true, reason: 'policy', policyId: policy.id };
    if (mismatch <= best) continue;
    best = mismatch;
    nearest = refuse(REFUSALS[MISMATCHES[mismatch] as Mismatch], policy.id);
  }
  return nearest;
}

/** Everything that keeps a policy from granting a request; nothing = it grants it. */
export function mismatchesOf(policy: CompiledPolicy, request: AccessRequest, path: readonly string[]): Mismatch[] {
  return MISMATCHES.filter((each) => !holds(each, policy, request, path));
}

function holds(
  what: Mismatch,
  { pattern, permissions, expiresAt, conditions }: CompiledPolicy,
  { action, ip, at }: AccessRequest,
  path: readonly string[],
): boolean {
  switch (what) {
    case 'pattern':
      return matchesPattern(pattern, path);
    case 'permission':
      return NEEDED[action].some((permission) => permissions.has(permission));
    case 'expired':
      return expiresAt > at;
    case 'ip_allowlist':
      return conditions.allowlist?.includes(ip) ?? true;
    case 'time_window':
      return conditions.window?.includes(at) ?? true;
  }
}

function refuse(reason: Refusal, policyId?: string): Decision {
  return policyId === undefined ? { allowed: false, reason } : { allowed: false, reason, policyId };
}
