/**
 * Stable codes of the one error family. They travel in gRPC trailers (libs/rpc) and become HTTP only in the gateway.
 */
export type ErrorCode =
  | 'invalid_argument'
  | 'unauthenticated'
  | 'permission_denied'
  | 'resource_limit_exceeded'
  | 'not_found'
  | 'gone'
  | 'conflict'
  | 'precondition_failed'
  | 'rate_limited'
  | 'unavailable'
  | 'internal';

export interface ErrorOptions {
  /** Field path to message, for `invalid_argument`. */
  fields?: Record<string, string>;
  /** Seconds until a retry makes sense, for `rate_limited` and `unavailable`. */
  retryAfterSeconds?: number;
  /** The problem document's `type`, where it is not `about:blank`. */
  problemType?: string;
  /** For the log only; never leaves the process. */
  cause?: unknown;
}

/** An expected failure. The message is shown to the caller: it says what to mend and never holds a secret. */
export class DomainError extends Error {
  readonly fields: Readonly<Record<string, string>>;
  readonly retryAfterSeconds: number | undefined;
  readonly problemType: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: ErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.fields = options.fields ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.problemType = options.problemType;
  }
}

export function isDomainError(error: unknown, code?: ErrorCode): error is DomainError {
  return error instanceof DomainError && (code === undefined || error.code === code);
}
