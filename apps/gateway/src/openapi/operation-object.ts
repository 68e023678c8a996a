import { z } from 'zod';
import type { Access, OperationSpec } from '../api/operation.js';
import { isNeverRefused } from '../quota/never-refused.js';
import { tidy } from './clean-schema.js';
import { answerSchemas, requestSchemas } from './schemas.js';
import { responseObject } from './responses.js';
import { OTHER_REFUSAL, REFUSALS } from './texts.js';

/** The OpenAPI operation object of one operation. */
export function operationObject(operation: OperationSpec): object {
  const { id, tag, summary, description, access, body } = operation;
  const parameters = [
    ...parametersIn('path', operation.params),
    ...parametersIn('query', operation.query),
    ...parametersIn('header', operation.headers),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    ...(access === 'public' ? { security: [] } : {}),
    'x-oneclaw-callers': callers(access),
    ...(access === 'public' ? {} : { 'x-oneclaw-key-scope': operation.keyScope ?? 'none' }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: json(refTo(requestSchemas, body)) } } : {}),
    responses: responsesOf(operation),
  };
}

/**
 * For tools that derive tests from the document: which kinds of principal the operation does not turn away at the door, and
 * whether a user has to have logged in, as opposed to holding a personal API key; and what role a user must have.
 */
function callers(access: Access): object {
  if (access === 'public') return { anyone: true };
  const { users, agents, interactive, only } = access;
  return { users, agents, ...(interactive ? { interactive } : {}), ...(only ? { only } : {}) };
}

function parametersIn(place: 'path' | 'query' | 'header', schema: z.ZodObject | undefined): object[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    override: tidy,
    unrepresentable: 'any',
  });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as { description?: string };
    return {
      name: place === 'header' ? headerCase(name) : name,
      in: place,
      required: required.includes(name),
      ...(description ? { description } : {}),
      schema: rest,
    };
  });
}

/** `if-match` → `If-Match`. */
function headerCase(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

function responsesOf(operation: OperationSpec): Record<string, object> {
  const { answer, otherAnswers = {} } = operation;
  const responses: Record<number, object> = {};
  for (const status of refusalsOf(operation)) responses[status] = problemRef(REFUSALS[status]);
  for (const [status, other] of Object.entries(otherAnswers)) {
    const content = other.schema && json(refTo(answerSchemas, other.schema));
    responses[Number(status)] = responseObject(other.description, content, Number(status), answer.tells);
  }
  const page = operation.page === undefined ? {} : { 'text/html': { schema: { type: 'string' } } };
  const content = answer.media
    ? { [answer.media]: {} }
    : answer.schema && { ...json(refTo(answerSchemas, answer.schema)), ...page };
  responses[answer.status] =
    answer.status === 501
      ? problemRef(REFUSALS[501])
      : responseObject(answer.description, content, answer.status, answer.tells);
  return { ...responses, default: problemRef(OTHER_REFUSAL) };
}

function problemRef(refusal: { name: string } | undefined): object {
  return { $ref: `#/components/responses/${refusal?.name}` };
}

function refusalsOf(operation: OperationSpec): number[] {
  const { access, method, refusals = [], otherAnswers = {} } = operation;
  const session = access === 'public' ? [] : [400, 401, 403, ...(isNeverRefused(operation) ? [] : [402])];
  const bodied = method === 'GET' ? [] : [400, 413, 415];
  const all = new Set([...refusals, ...session, ...bodied, 429, 500, 503]);
  return [...all].filter((status) => !(status in otherAnswers)).sort((a, b) => a - b);
}

function json(schema: object): object {
  return { 'application/json': { schema } };
}

function refTo(registry: z.core.$ZodRegistry<{ id: string }>, schema: z.ZodType): object {
  const named = registry.get(schema);
  if (!named) throw new Error('a schema of the API has no name; make it with openapi/schemas.ts');
  return { $ref: `#/components/schemas/${named.id}` };
}
