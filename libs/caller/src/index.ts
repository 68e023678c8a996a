export {
  type Caller,
  type Principal,
  type PrincipalType,
  type Role,
  type SessionKind,
  isManager,
  requireCaller,
  subjectOf,
} from './caller.js';
export { CallerVerifier, encodeCallerClaims, CALLER_ASSERTION } from './caller-assertion.js';
export { PrincipalVerifier, PRINCIPAL_ATTESTATION, type AttestedPrincipal } from './principal-attestation.js';
export { statementRefusal, tokenRefusal } from './statement-refusal.js';
export { verifyJws, TokenRefused, type JwsExpectation } from './jws.js';
export { VerificationKeys, type VerificationKey } from './verification-keys.js';
export { networkOf } from './client-network.js';
export { isPlatformManager, PLATFORM_ORG_ID } from './platform-org.js';
export {
  PrincipalFactsVerifier,
  PRINCIPAL_FACTS,
  encodePrincipalFacts,
  type StatedPrincipal,
} from './principal-facts.js';
export { canonicalEmail, parseEmail, type EmailAddress } from './email-address.js';
