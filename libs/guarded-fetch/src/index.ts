export { GuardedFetch, type FetchLimits, type FetchRequest, type FetchResponse } from './guarded-fetch.js';
export { FetchRefused, type FetchRefusal } from './fetch-refused.js';
export { TargetRules, type TargetRuleOptions } from './target-rules.js';
export { isPublicAddress } from './public-addresses.js';
export { type AddressResolver } from './resolver.js';
