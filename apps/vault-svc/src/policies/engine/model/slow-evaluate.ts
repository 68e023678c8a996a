import type { AccessAction, AccessSubject, AccessVault } from '../evaluate.js';
import type { PolicyRule } from '../policy.js';
import { slowIncludes } from './slow-network.js';
import { slowMatch } from './slow-pattern.js';

export interface SlowRequest {
  action: AccessAction;
  subject: Omit<AccessSubject, 'pathScopes'>;
  scopes: string[] | undefined;
  vault: AccessVault;
  path: string;
  ip: string;
  at: number;
}

/** Section 5 of the contract, said once more as one condition. Without time windows, which have a model of their own. */
export function slowAllowed(
  { action, subject, scopes, vault, path, ip, at }: SlowRequest,
  rules: PolicyRule[],
): boolean {
  const sameOrg = subject.orgId === vault.orgId;
  const bound = subject.vaultIds.length === 0 || subject.vaultIds.some((id) => id === vault.id);
  const underCeiling = scopes === undefined || scopes.some((scope) => slowMatch(scope, path));
  const system = vault.createdByType === 'system';
  const creator = !system && subject.type === 'user' && subject.id === vault.createdBy;
  const granted = rules.some(
    (rule) =>
      slowMatch(rule.pattern, path) &&
      rule.permissions.some((permission) => grants(permission, action)) &&
      (rule.expiresAt === undefined || rule.expiresAt.getTime() > at) &&
      (rule.conditions.ip_allowlist?.some((entry) => slowIncludes(entry, ip)) ?? true),
  );
  const changesSystem = system && (action === 'write' || action === 'delete');
  return sameOrg && bound && underCeiling && !changesSystem && (creator || granted);
}

function grants(permission: string, action: AccessAction): boolean {
  if (permission === 'read') return action === 'read' || action === 'list' || action === 'share';
  if (permission === 'write') return action === 'write' || action === 'delete';
  return action === 'delete';
}
