import type { Answer, Problem } from './answer.js';

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;
/** What must never reach a client: stack frames, SQL, gRPC texts, addresses of our own parts. */
const INTERNALS = [
  /\bat (?:.+ \()?(?:file:|node:|\/).+:\d+:\d+/,
  /\b(select|insert into|update|delete from)\b.+\b(from|values|set|where)\b/i,
  /node_modules|\.js:\d+|\.ts:\d+/,
  /\b(UNAVAILABLE|INTERNAL|DEADLINE_EXCEEDED|UNAUTHENTICATED|PERMISSION_DENIED)\b/,
  /grpc|postgres|ECONNREFUSED|PKCS|CKR_/i,
];

/** What holds for every answer, whatever the route (contract, section 1). Throws what is wrong. */
export function checkConventions(answer: Answer): void {
  const complaints = [...always(answer), ...ofKind(answer)];
  if (complaints.length > 0)
    throw new Error(
      `${answer.request} (${answer.status}) breaks the conventions: ${complaints.join('; ')}\n${answer.text.slice(0, 600)}`,
    );
}

function ofKind(answer: Answer): string[] {
  if (answer.status === 402) return paymentRequired(answer);
  return isProblem(answer) ? problem(answer) : success(answer);
}

/** Clients decode it as data (contract, section 10). */
function paymentRequired(answer: Answer): string[] {
  if (mediaType(answer) !== 'application/json' || !isObject(answer)) return ['a 402 is not a JSON object'];
  const body = answer.json as Problem & {
    x402Version: unknown;
    error: unknown;
    accepts: unknown;
    description: unknown;
  };
  return complaints({
    'x402Version is not 1': body.x402Version !== 1,
    'accepts is not a list': !Array.isArray(body.accepts),
    'error or description is empty': !isText(body.error) || !isText(body.description),
    'status is another one than that of the answer': body.status !== 402,
    'title or detail is empty': !isText(body.title) || !isText(body.detail) || !isText(body.type),
    'it shows internals': INTERNALS.some((pattern) => pattern.test(answer.text)),
  });
}

/** The health routes alone answer 503 with their usual body. */
function isProblem({ status, request }: Answer): boolean {
  return status >= 400 && !(status === 503 && request.startsWith('GET /v1/health'));
}

function always(answer: Answer): string[] {
  return complaints({
    'X-Request-Id is missing or malformed': !REQUEST_ID.test(answer.header('x-request-id') ?? ''),
    'X-Content-Type-Options is not nosniff': answer.header('x-content-type-options') !== 'nosniff',
    'the server names its software': answer.header('x-powered-by') !== undefined,
  });
}

function success(answer: Answer): string[] {
  if (answer.status === 204) return complaints({ 'a 204 has a body': answer.bytes.length > 0 });
  const isJson = mediaType(answer) === 'application/json';
  return complaints({ 'the body is not a JSON object': isJson && !isObject(answer) });
}

function problem(answer: Answer): string[] {
  if (mediaType(answer) !== 'application/problem+json') return [`an error of type ${answer.header('content-type')}`];
  if (!isObject(answer)) return ['the problem is not a JSON object'];
  const body = answer.json as Problem;
  const retryAfter = answer.header('retry-after');
  return complaints({
    'status is another one than that of the answer': body.status !== answer.status,
    'type is not about:blank': body.type !== 'about:blank' && !/resource_limit_exceeded$/.test(body.type),
    'title or detail is empty': !isText(body.title) || !isText(body.detail),
    'instance is not the request id': body.instance !== answer.header('x-request-id'),
    'fields does not map names to messages': body.fields !== undefined && !isTextMap(body.fields),
    'it shows internals': INTERNALS.some((pattern) => pattern.test(answer.text)),
    'a 401 lacks WWW-Authenticate: Bearer':
      answer.status === 401 && !/^Bearer\b/.test(answer.header('www-authenticate') ?? ''),
    'a 405 lacks Allow': answer.status === 405 && !answer.header('allow'),
    'a 429 lacks Retry-After': answer.status === 429 && retryAfter === undefined,
    'Retry-After is not a positive integer': retryAfter !== undefined && !/^[1-9]\d*$/.test(retryAfter),
  });
}

function complaints(checks: Record<string, boolean>): string[] {
  return Object.keys(checks).filter((complaint) => checks[complaint]);
}

function mediaType(answer: Answer): string | undefined {
  return answer.header('content-type')?.split(';')[0]?.trim();
}

function isObject(answer: Answer): boolean {
  try {
    const body = answer.json;
    return typeof body === 'object' && body !== null && !Array.isArray(body);
  } catch {
    return false;
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0;
}

function isTextMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isText);
}
