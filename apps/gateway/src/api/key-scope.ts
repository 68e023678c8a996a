/** The parts of the API that a personal API key can be limited to (contract, section 3). */
export type Area = 'vaults' | 'secrets' | 'policies' | 'agents' | 'shares' | 'audit' | 'billing' | 'org';

/** What an operation asks of a key with scopes; `any`: nothing. */
export type KeyScope = `${Area}:${'read' | 'write'}` | 'any';

/**
 * Whether a key with scopes opens an operation. `granted` are its areas, such as "secrets:read", "vaults:*"; none = only its paths
 * are limited. An operation that asks for nothing in particular is not meant for such keys.
 */
export function covers(granted: readonly string[], needed: KeyScope | undefined): boolean {
  if (needed === undefined) return false;
  if (needed === 'any' || granted.length === 0) return true;
  const [area] = needed.split(':');
  return [needed, `${area}:write`, `${area}:*`].some((scope) => granted.includes(scope));
}
