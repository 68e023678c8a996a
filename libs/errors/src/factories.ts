import { DomainError } from './domain-error.js';

/** 400. One field and what is wrong with it, or a map of them. */
export function invalid(message: string, fields: Record<string, string> = {}): DomainError {
  return new DomainError('invalid_argument', message, { fields });
}

/** 401. */
export function unauthenticated(message = 'The credentials are missing, invalid or expired.'): DomainError {
  return new DomainError('unauthenticated', message);
}

/** 403. */
export function permissionDenied(message: string): DomainError {
  return new DomainError('permission_denied', message);
}

/** 404. */
export function notFound(what: string): DomainError {
  return new DomainError('not_found', `${what} not found.`);
}

/** 410. */
export function gone(message: string): DomainError {
  return new DomainError('gone', message);
}

/** 409. */
export function conflict(message: string): DomainError {
  return new DomainError('conflict', message);
}

/** 409, for something that exists already. */
export function alreadyExists(what: string): DomainError {
  return conflict(`${what} already exists.`);
}

/** 412. */
export function preconditionFailed(message: string): DomainError {
  return new DomainError('precondition_failed', message);
}

/** 429. */
export function rateLimited(message: string, retryAfterSeconds: number): DomainError {
  return new DomainError('rate_limited', message, { retryAfterSeconds });
}

/** 503: nothing was done; the same request may succeed in a moment. */
export function unavailable(message: string, cause?: unknown, retryAfterSeconds = 1): DomainError {
  return new DomainError('unavailable', message, { retryAfterSeconds, cause });
}

/** 500: a broken invariant. The message is for the log; callers see a generic sentence. */
export function internal(message: string, cause?: unknown): DomainError {
  return new DomainError('internal', message, { cause });
}
