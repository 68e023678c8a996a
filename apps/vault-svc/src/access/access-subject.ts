import type { Principal } from '@oneclaw/caller';
import { compilePattern, type AccessSubject } from '../policies/engine/index.js';

const subjects = new WeakMap<Principal, AccessSubject>();

/** The policy engine's view of a principal. Made once: the verifier answers one Caller object per assertion. */
export function accessSubjectOf(principal: Principal): AccessSubject {
  const known = subjects.get(principal);
  if (known) return known;
  const { type, id, orgId, vaultIds } = principal;
  const subject = { type, id, orgId, vaultIds, pathScopes: ceilingOf(principal.pathScopes) };
  subjects.set(principal, subject);
  return subject;
}

/** A malformed entry matches nothing; it never lifts the ceiling. */
function ceilingOf(pathScopes: readonly string[]): AccessSubject['pathScopes'] {
  if (pathScopes.length === 0) return undefined;
  return pathScopes.map(compilePattern).filter((pattern) => pattern !== undefined);
}
