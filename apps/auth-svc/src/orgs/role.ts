import type { Role } from '@oneclaw/caller';
import { invalid } from '@oneclaw/errors';

const ROLES: readonly string[] = ['owner', 'admin', 'member'] satisfies Role[];

/** Throws invalid_argument. */
export function parseRole(role: string): Role {
  if (!ROLES.includes(role)) throw invalid('The role is not valid.', { role: `must be one of ${ROLES.join(', ')}` });
  return role as Role;
}
