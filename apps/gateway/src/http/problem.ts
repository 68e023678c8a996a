import { STATUS_CODES } from 'node:http';
import { type DomainError, type ErrorCode, isDomainError } from '@oneclaw/errors';
import { HttpRefusal } from './http-refusal.js';

/** RFC 9457. `instance` is the request id; `fields` names what is wrong with the input. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  fields?: Readonly<Record<string, string>>;
}

export interface EncodedProblem {
  problem: Problem;
  headers: Record<string, string>;
}

export const PROBLEM_TYPE = 'application/problem+json';
export const INTERNAL_DETAIL = 'Something went wrong on our side. Quote the instance when you report it.';

const STATUS: Record<ErrorCode, number> = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  resource_limit_exceeded: 403,
  not_found: 404,
  gone: 410,
  conflict: 409,
  precondition_failed: 412,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
};

/** Any error as a problem document and the headers that go with its status. Nothing of an unknown error gets out. */
export function encodeProblem(error: unknown, requestId: string): EncodedProblem {
  if (isDomainError(error) && error.code !== 'internal') return fromDomainError(error, requestId);
  if (error instanceof HttpRefusal) {
    return { problem: problem(error.status, error.detail, requestId), headers: { ...error.headers } };
  }
  const status = frameworkStatus(error);
  if (status === undefined) return { problem: problem(500, INTERNAL_DETAIL, requestId), headers: {} };
  return encodeProblem(new HttpRefusal(status), requestId);
}

/** Whether the log should say what happened: it was our fault. */
export function isFault(error: unknown): boolean {
  if (isDomainError(error)) return error.code === 'internal';
  return !(error instanceof HttpRefusal) && frameworkStatus(error) === undefined;
}

/** Whole seconds, where a retry makes sense. */
export function retryHeaders(status: number, seconds = 1): Record<string, string> {
  return status === 429 || status === 503 ? { 'retry-after': String(Math.max(1, Math.ceil(seconds))) } : {};
}

function fromDomainError(error: DomainError, requestId: string): EncodedProblem {
  const status = STATUS[error.code];
  const hasFields = Object.keys(error.fields).length > 0;
  return {
    problem: {
      ...problem(status, error.message, requestId, typeOf(error)),
      ...(hasFields ? { fields: error.fields } : {}),
    },
    headers: headersFor(status, error.retryAfterSeconds),
  };
}

function typeOf(error: DomainError): string {
  return error.problemType ?? (error.code === 'resource_limit_exceeded' ? error.code : 'about:blank');
}

function problem(status: number, detail: string, requestId: string, type = 'about:blank'): Problem {
  return { type, title: STATUS_CODES[status] ?? 'Error', status, detail, instance: requestId };
}

function headersFor(status: number, retryAfterSeconds: number | undefined): Record<string, string> {
  return status === 401 ? { 'www-authenticate': 'Bearer' } : retryHeaders(status, retryAfterSeconds);
}

/** Fastify's errors have a statusCode, Nest's a status. Their 5xx are faults like any other. */
function frameworkStatus(error: unknown): number | undefined {
  const { statusCode, status } = (error ?? {}) as { statusCode?: unknown; status?: unknown };
  const found = typeof statusCode === 'number' ? statusCode : status;
  return typeof found === 'number' && found >= 400 && found < 500 ? found : undefined;
}
