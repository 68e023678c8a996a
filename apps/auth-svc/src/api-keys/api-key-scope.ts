import { scopeProblem } from '../agents/scope.js';

const AREAS = ['vaults', 'secrets', 'policies', 'agents', 'shares', 'audit', 'billing', 'org'];
const AREA_SCOPE = new RegExp(`^(${AREAS.join('|')}):(read|write|\\*)$`);

/**
 * What is wrong with a scope of a personal API key: entries with a colon limit the key to an area ("vaults:read", "secrets:*"), the
 * others are path patterns, as agents have them.
 */
export function apiKeyScopeProblem(scope: string): string | undefined {
  if (!scope.includes(':')) return scopeProblem(scope);
  return AREA_SCOPE.test(scope)
    ? undefined
    : `is not an area (${AREAS.join(', ')}) and what it allows, such as "secrets:read"`;
}

/** The areas that a key is limited to; empty = all. */
export function areaScopesOf(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => scope.includes(':'));
}
