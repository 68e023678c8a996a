import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OperationSpec } from '../api/operation.js';

const METHODS = 'GET, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS = ['authorization', 'content-type', 'x-request-id'];
const ANSWER_HEADERS = ['retry-after', 'www-authenticate', 'x-request-id'];
const PREFLIGHT_SECONDS = '600';

/** CORS for the listed origins, with every header that an operation reads or tells; for every other origin (all, by default) there are no CORS headers. */
export function corsStep(origins: readonly string[], operations: readonly OperationSpec[]) {
  const allowed = new Set(origins);
  const read = listed(
    REQUEST_HEADERS,
    operations.map(({ headers }) => headers?.shape),
  );
  const told = listed(
    ANSWER_HEADERS,
    operations.map(({ answer }) => answer.tells),
  );
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { origin } = request.headers;
    if (origin === undefined || allowed.size === 0) return done();
    reply.header('vary', 'Origin');
    if (!allowed.has(origin)) return done();
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', told);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return done();
    void reply
      .code(204)
      .header('access-control-allow-methods', METHODS)
      .header('access-control-allow-headers', read)
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .send();
  };
}

function listed(always: readonly string[], byName: readonly (object | undefined)[]): string {
  const names = byName.flatMap((headers) => Object.keys(headers ?? {}).map((name) => name.toLowerCase()));
  return [...new Set([...always, ...names])].sort().join(', ');
}
