export { evaluate, isCreator, outsideBounds } from './evaluate.js';
export type {
  AccessAction,
  AccessRequest,
  AccessSubject,
  AccessVault,
  Decision,
  Mismatch,
  Refusal,
} from './evaluate.js';
export { explain, type Explanation, type Finding } from './explain.js';
export type { Conditions } from './conditions.js';
export { compileAllowlist, isNetwork } from './ip-allowlist.js';
export { compilePattern, covers, matchesPattern, patternProblem, type PathPattern } from './path-pattern.js';
export { PERMISSIONS, compilePolicy, type CompiledPolicy, type Permission, type PolicyRule } from './policy.js';
export { DAYS, isTimeOfDay, isTimeZone, type TimeWindow } from './time-window.js';
