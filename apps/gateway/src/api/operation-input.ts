import type { FastifyRequest } from 'fastify';
import { invalid } from '@oneclaw/errors';
import type { z } from 'zod';
import { issueMessage } from './issue-message.js';
import type { InputOf, OperationSpec } from './operation.js';
import { decodeOnce, rawTail } from './raw-path.js';

type Fields = Record<string, string>;

/** Everything of the request that the operation declares, validated in one go; all that is wrong is told at once. */
export function readInput<S extends OperationSpec>(operation: S, request: FastifyRequest): InputOf<S> {
  const fields: Fields = {};
  const input = {
    params: operation.params && check(operation.params, pathParams(operation, request), fields),
    query: operation.query && check(operation.query, request.query, fields),
    headers: operation.headers && check(operation.headers, request.headers, fields),
    body: operation.body && check(operation.body, bodyObject(request.body), fields),
  };
  const wrong = Object.keys(fields);
  if (wrong.length > 0) throw invalid(`The request is not valid: ${describe(fields)}.`, fields);
  return input as unknown as InputOf<S>;
}

function check(schema: z.ZodObject, value: unknown, fields: Fields): unknown {
  const result = schema.safeParse(value, { error: issueMessage });
  if (result.success) return result.data;
  for (const issue of result.error.issues) fields[issue.path.join('.')] ??= issue.message;
  return undefined;
}

/** Segments as the router decoded them; a wildcard from the raw URL, because the router's decoding is not ours. */
function pathParams(operation: OperationSpec, request: FastifyRequest): unknown {
  const star = operation.path.indexOf('*');
  if (star === -1) return request.params;
  const name = operation.path.slice(star + 1);
  return { ...(request.params as object), [name]: decodeOnce(rawTail(request.raw.url ?? '', operation.path)) };
}

function bodyObject(body: unknown): object {
  if (body === undefined) throw invalid('This request needs a JSON body.');
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid('The body must be a JSON object.');
  }
  return body;
}

/** The first few fields by name, so that the sentence alone is of use. */
function describe(fields: Fields): string {
  return Object.entries(fields)
    .slice(0, 3)
    .map(([field, message]) => `${field} ${message}`)
    .join(', ');
}
