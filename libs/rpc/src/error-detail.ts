import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { encode } from '@oneclaw/contracts/encode';
import { ErrorDetail } from '@oneclaw/contracts/common';
import { DomainError, type ErrorCode, isDomainError } from '@oneclaw/errors';
import { METADATA } from './metadata-keys.js';

const STATUS: Record<ErrorCode, status> = {
  invalid_argument: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  resource_limit_exceeded: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  gone: status.NOT_FOUND,
  conflict: status.ALREADY_EXISTS,
  precondition_failed: status.FAILED_PRECONDITION,
  rate_limited: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
};

/** For the trailer of a failed call, and for items of a batch that fail alone. Anything unknown becomes an opaque internal error. */
export function toErrorDetail(error: unknown): ErrorDetail {
  if (!isDomainError(error) || error.code === 'internal') {
    return ErrorDetail.fromPartial({ code: 'internal', message: 'An internal error occurred.' });
  }
  return ErrorDetail.fromPartial({
    code: error.code,
    message: error.message,
    fields: error.fields,
    retryAfterSeconds: error.retryAfterSeconds ?? 0,
    problemType: error.problemType ?? '',
  });
}

export function fromErrorDetail(detail: ErrorDetail): DomainError {
  const code = detail.code in STATUS ? (detail.code as ErrorCode) : 'internal';
  return new DomainError(code, detail.message, {
    fields: detail.fields,
    ...(detail.retryAfterSeconds > 0 ? { retryAfterSeconds: detail.retryAfterSeconds } : {}),
    ...(detail.problemType === '' ? {} : { problemType: detail.problemType }),
  });
}

export function toServiceError(error: unknown): Partial<ServiceError> {
  const detail = toErrorDetail(error);
  const metadata = new Metadata();
  metadata.set(METADATA.error, encode(ErrorDetail, detail));
  return { code: STATUS[detail.code as ErrorCode], details: detail.code, metadata };
}

/** Whatever a call failed with, as one of ours. Without a trailer of ours the failure is the transport's. */
export function fromServiceError(error: ServiceError, target: string): DomainError {
  const [trailer] = error.metadata?.get(METADATA.error) ?? [];
  if (Buffer.isBuffer(trailer)) return fromErrorDetail(ErrorDetail.decode(trailer));
  if (
    [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED, status.RESOURCE_EXHAUSTED].includes(error.code)
  ) {
    return new DomainError('unavailable', 'The service is temporarily unavailable. Try again in a moment.', {
      retryAfterSeconds: 1,
      cause: new Error(`${target}: ${status[error.code]} ${error.details}`),
    });
  }
  return new DomainError('internal', `${target}: ${status[error.code]} ${error.details}`, { cause: error });
}
