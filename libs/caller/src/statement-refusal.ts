import { unauthenticated, unavailable, type DomainError } from '@oneclaw/errors';
import type { TokenRefused } from './jws.js';

const TOO_EARLY = new Set(['issued_in_the_future', 'not_yet_valid']);

/**
 * For a statement (a caller assertion, an attestation, facts) that another of our services has handed on. It was fresh when that one had it,
 * so if its time is wrong here, our clocks differ, and the caller is not to blame: `unavailable`. Whatever else is wrong with it: `unauthenticated`.
 */
export function statementRefusal(refused: TokenRefused): DomainError {
  return refused.reason === 'expired' ? clocksDiffer() : tokenRefusal(refused);
}

/**
 * For a token of ours that its holder has kept (of a session, of an MFA challenge). It may have expired meanwhile; but a time that is still to
 * come was written by a clock of ours that differs from this one: `unavailable`, and the token is good as soon as they agree again.
 */
export function tokenRefusal({ reason }: TokenRefused): DomainError {
  return TOO_EARLY.has(reason) ? clocksDiffer() : unauthenticated();
}

function clocksDiffer(): DomainError {
  return unavailable('The clocks of our servers differ too much.');
}
