import { paymentRequiredAnswer } from '../quota/payment-required.schema.js';
import { answerSchemas } from './schemas.js';
import { OTHER_REFUSAL, REFUSALS } from './texts.js';

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
/** Clients decode this one as data. */
const PAYMENT = {
  'application/json': { schema: { $ref: `#/components/schemas/${answerSchemas.get(paymentRequiredAnswer)?.id}` } },
};
const HEADERS = {
  requestId: { 'X-Request-Id': { description: 'The id of the request.', schema: { type: 'string' } } },
  retryAfter: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
  scheme: { 'WWW-Authenticate': { description: 'The scheme, Bearer.', schema: { type: 'string' } } },
};

/** The OpenAPI response object of one status. */
export function responseObject(
  description: string,
  content?: object,
  status?: number,
  tells: Readonly<Record<string, string>> = {},
): object {
  const own = Object.entries(tells).map(([name, says]) => [name, { description: says, schema: { type: 'string' } }]);
  const headers = {
    ...HEADERS.requestId,
    ...(Object.fromEntries(own) as object),
    ...(status === 429 || status === 503 ? HEADERS.retryAfter : {}),
    ...(status === 401 ? HEADERS.scheme : {}),
  };
  return { description, headers, ...(content ? { content } : {}) };
}

/** The refusals that all operations share, by name. */
export function problemResponses(): Record<string, object> {
  const shared = Object.entries(REFUSALS).map(([status, { name, description }]) => [
    name,
    responseObject(description, Number(status) === 402 ? PAYMENT : PROBLEM, Number(status)),
  ]);
  return Object.fromEntries([...shared, [OTHER_REFUSAL.name, responseObject(OTHER_REFUSAL.description, PROBLEM)]]);
}
