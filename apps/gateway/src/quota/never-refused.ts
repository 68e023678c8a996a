import type { OperationSpec } from '../api/operation.js';

/** Whoever is over quota must still be able to log in, upgrade, and see who they are. */
const FAMILIES = ['/v1/auth/', '/v1/billing/', '/v1/org/', '/v1/security/', '/v1/admin/'];
const PATHS = ['/v1/agents/me'];

/** Whether requests of the operation count, and are not held to the limit. */
export function isNeverRefused({ path }: Pick<OperationSpec, 'path'>): boolean {
  return PATHS.includes(path) || FAMILIES.some((family) => path.startsWith(family));
}
