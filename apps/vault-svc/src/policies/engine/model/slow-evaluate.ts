import type { AccessAction, AccessSubject, AccessVault, Mismatch } from '../evaluate.js';
import type { PolicyRule } from '../policy.js';
import { slowIncludes } from './slow-network.js';
import { slowMatch } from './slow-pattern.js';
import { slowOpen } from './slow-window.js';

export interface SlowRequest {
  action: AccessAction;
  subject: Omit<AccessSubject, 'pathScopes'>;
  scopes: string[] | undefined;
  vault: AccessVault;
  path: string;
  ip: string;
  at: number;
}

/** Section 5 of the contract, said once more as one condition. */
export function slowAllowed(request: SlowRequest, rules: PolicyRule[]): boolean {
  const { action, subject, scopes, vault, path } = request;
  const sameOrg = subject.orgId === vault.orgId;
  const bound = subject.vaultIds.length === 0 || subject.vaultIds.some((id) => id === vault.id);
  const underCeiling = scopes === undefined || scopes.some((scope) => slowMatch(scope, path));
  const system = vault.createdByType === 'system';
  const creator = !system && subject.type === 'user' && subject.id === vault.createdBy;
  const granted = rules.some((rule) => slowMismatches(request, rule).length === 0);
  const changesSystem = system && (action === 'write' || action === 'delete');
  return sameOrg && bound && underCeiling && !changesSystem && (creator || granted);
}

/** What keeps a rule from granting a request, each looked at by itself. */
export function slowMismatches({ action, path, ip, at }: SlowRequest, rule: PolicyRule): Mismatch[] {
  const { ip_allowlist, time_window } = rule.conditions;
  const mismatches: Mismatch[] = [];
  if (!slowMatch(rule.pattern, path)) mismatches.push('pattern');
  if (!rule.permissions.some((permission) => grants(permission, action))) mismatches.push('permission');
  if (rule.expiresAt !== undefined && rule.expiresAt.getTime() <= at) mismatches.push('expired');
  if (ip_allowlist && !ip_allowlist.some((entry) => ip !== '' && slowIncludes(entry, ip)))
    mismatches.push('ip_allowlist');
  if (time_window && !slowOpen(time_window, at)) mismatches.push('time_window');
  return mismatches;
}

function grants(permission: string, action: AccessAction): boolean {
  if (permission === 'read') return action === 'read' || action === 'list' || action === 'share';
  if (permission === 'write') return action === 'write' || action === 'delete';
  return action === 'delete';
}
