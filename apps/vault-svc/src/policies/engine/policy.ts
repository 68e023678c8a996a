import { compileConditions, type CompiledConditions, type Conditions } from './conditions.js';
import { compilePattern, type PathPattern } from './path-pattern.js';

export const PERMISSIONS = ['read', 'write', 'delete'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What of a policy decides; its principal and vault were matched when it was looked up. */
export interface PolicyRule {
  id: string;
  pattern: string;
  permissions: readonly Permission[];
  conditions: Conditions;
  expiresAt: Date | undefined;
}

export interface CompiledPolicy {
  id: string;
  pattern: PathPattern;
  permissions: ReadonlySet<Permission>;
  conditions: CompiledConditions;
  /** Epoch milliseconds; Infinity = never. */
  expiresAt: number;
}

/** Undefined where the stored rule cannot be understood: it then grants nothing. */
export function compilePolicy(rule: PolicyRule): CompiledPolicy | undefined {
  try {
    const pattern = compilePattern(rule.pattern);
    if (!pattern) return undefined;
    return {
      id: rule.id,
      pattern,
      permissions: new Set(rule.permissions),
      conditions: compileConditions(rule.conditions),
      expiresAt: rule.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
    };
  } catch {
    return undefined;
  }
}
