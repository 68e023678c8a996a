import { DomainError, isDomainError, unavailable } from '@oneclaw/errors';

/**
 * SQLSTATE codes and classes (https://www.postgresql.org/docs/current/errcodes-appendix.html) of failures that lie in the
 * server's state and not in the statement: the same request may succeed in a moment.
 */
const TRANSIENT = [
  /^08/, // connection exceptions
  /^53/, // disk full (53100), out of memory, too many connections (53300)
  /^57/, // cancelled by statement_timeout (57014), shutdown (57P01), crash, starting up
  /^58/, // I/O errors
  /^40/, // serialization failure, deadlock
  /^55P03$/, // lock_timeout
  /^25P0[34]$/, // idle_in_transaction_session_timeout, transaction_timeout
  /^25006$/, // read-only: a standby after a fail-over
];

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** pg, pg-pool and TypeORM name these only in words; tests keep the list true. */
const CONNECTION_WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client (has encountered|was closed)|Cannot use a pool|QueryRunner.*released|Query runner already released|Driver not Connected)/i;

interface DriverError extends Error {
  code?: string;
  constraint?: string;
}

/** The pg error inside TypeORM's wrapper, which also carries the query's parameters and so must not travel further. */
export function driverErrorOf(error: unknown): unknown {
  return error instanceof Error && 'driverError' in error ? error.driverError : error;
}

/** Whether the database, and not the statement, is what failed. */
export function isUnavailable(error: unknown): boolean {
  if (isDomainError(error, 'unavailable')) return true;
  const cause = driverErrorOf(error);
  if (!(cause instanceof Error)) return false;
  if (cause instanceof AggregateError) return cause.errors.some(isUnavailable);
  const { code } = cause as DriverError;
  if (code === undefined) return CONNECTION_WORDS.test(cause.message);
  return SOCKET_CODES.has(code) || TRANSIENT.some((pattern) => pattern.test(code));
}

/** What our helpers throw: `unavailable` where the database failed, else the driver's own error. */
export function toThrowable(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const cause = driverErrorOf(error);
  return isUnavailable(cause)
    ? unavailable('The database is not available at the moment. Try again shortly.', cause)
    : cause;
}

/**
 * The answer to a COMMIT was lost: the transaction may have happened. Repeat it only where a unique key or an idempotency
 * record makes the second time harmless.
 */
export class CommitOutcomeUnknown extends DomainError {
  constructor(cause: unknown) {
    super('unavailable', 'The database did not confirm in time; the change may or may not have been made.', {
      retryAfterSeconds: 1,
      cause,
    });
    this.name = 'CommitOutcomeUnknown';
  }
}

/** SQLSTATE 23505, optionally of one constraint or unique index. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return isViolation(error, '23505', constraint);
}

/** SQLSTATE 23503, optionally of one constraint. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  return isViolation(error, '23503', constraint);
}

/** SQLSTATE 22003: a number that its column cannot hold. */
export function isOutOfRange(error: unknown): boolean {
  return (driverErrorOf(error) as DriverError | undefined)?.code === '22003';
}

function isViolation(error: unknown, code: string, constraint: string | undefined): boolean {
  const cause = driverErrorOf(error) as DriverError | undefined;
  return cause?.code === code && (constraint === undefined || cause.constraint === constraint);
}
