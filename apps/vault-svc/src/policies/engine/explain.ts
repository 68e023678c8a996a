import { MAX_STEPS, MISMATCHES, evaluate, mismatchesOf } from './evaluate.js';
import type { AccessRequest, Decision, Mismatch } from './evaluate.js';
import { mostSteps } from './path-pattern.js';
import type { CompiledPolicy } from './policy.js';

/** How a policy stands to a request. */
export interface Finding {
  policy: CompiledPolicy;
  /** Everything that keeps it from granting the request; none = it grants it. */
  mismatches: readonly Mismatch[];
}

export interface Explanation {
  decision: Decision;
  /** The policies that come nearest, those first that grant the request. */
  findings: readonly Finding[];
}

/** What `evaluate` decides, and how the policies stand to it: at most `limit` of them, without what takes too long to match. */
export function explain(request: AccessRequest, policies: readonly CompiledPolicy[], limit: number): Explanation {
  const path = request.path.split('/');
  let steps = 0;
  const examined = policies.filter(({ pattern }) => (steps += mostSteps(pattern, path)) <= MAX_STEPS);
  const findings = examined.map((policy) => ({ policy, mismatches: mismatchesOf(policy, request, path) }));
  findings.sort((one, other) => distanceOf(one) - distanceOf(other));
  return { decision: evaluate(request, policies), findings: findings.slice(0, limit) };
}

/** 0 = granted; the earlier a policy fails, the farther away it is. */
function distanceOf({ mismatches: [first] }: Finding): number {
  return first === undefined ? 0 : MISMATCHES.length - MISMATCHES.indexOf(first);
}
