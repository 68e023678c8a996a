import { unauthenticated, unavailable, type DomainError } from '@oneclaw/errors';
import type { TokenRefused } from './jws.js';

const OF_TIME = new Set(['expired', 'issued_in_the_future', 'not_yet_valid']);

/**
 * For a statement (a caller assertion, an attestation, facts) that another of our services has handed on. It was fresh when that one had it,
 * so if its time is wrong here, our clocks differ, and the caller is not to blame: `unavailable`. Whatever else is wrong with it: `unauthenticated`.
 */
export function statementRefusal({ reason }: TokenRefused): DomainError {
  return OF_TIME.has(reason) ? unavailable('The clocks of our servers differ too much.') : unauthenticated();
}
