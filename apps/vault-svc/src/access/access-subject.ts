import type { Caller } from '@oneclaw/caller';
import { compilePattern, type AccessSubject } from '../policies/engine/index.js';

const subjects = new WeakMap<Caller, AccessSubject>();

/** The policy engine's view of a caller. Made once: the verifier answers one Caller object per assertion. */
export function accessSubjectOf(caller: Caller): AccessSubject {
  const known = subjects.get(caller);
  if (known) return known;
  const { type, id, orgId, vaultIds } = caller;
  const subject = { type, id, orgId, vaultIds, pathScopes: ceilingOf(caller.pathScopes) };
  subjects.set(caller, subject);
  return subject;
}

/** A malformed entry matches nothing; it never lifts the ceiling. */
function ceilingOf(pathScopes: readonly string[]): AccessSubject['pathScopes'] {
  if (pathScopes.length === 0) return undefined;
  return pathScopes.map(compilePattern).filter((pattern) => pattern !== undefined);
}
