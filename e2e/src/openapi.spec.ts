import { describe, expect, it } from '@jest/globals';
import { Answer } from './answer.js';
import { checkDocumented, OpenApi } from './openapi.js';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });

const api = new OpenApi({
  openapi: '3.1.0',
  paths: {
    '/v1/agents/{agent_id}': { get: { responses: { '200': json({ $ref: '#/components/schemas/Agent' }) } } },
    '/v1/agents/me': { get: { responses: { '200': json({ type: 'object', required: ['me'] }) } } },
    '/v1/secrets/{path}': {
      get: { responses: { '4XX': { $ref: '#/components/responses/Problem' } } },
      delete: { responses: { '204': {} } },
    },
  },
  components: {
    schemas: { Agent: { type: 'object', required: ['id'], properties: { id: { type: 'string', format: 'uuid' } } } },
    responses: { Problem: { content: { 'application/problem+json': { schema: { type: 'object' } } } } },
  },
});

const ID = '6a7a3c1e-58a0-4a5e-9f0e-3f6a5b2c1d00';

function check(
  method: string,
  path: string,
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body));
  const type = { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' };
  checkDocumented(api, method, path, new Answer(`${method} ${path}`, status, { ...type, ...headers }, bytes));
}

describe('the check against the OpenAPI document', () => {
  it('passes what is documented', () => {
    check('GET', `/v1/agents/${ID}`, 200, { id: ID });
    check('GET', '/v1/agents/me', 200, { me: 1 });
    check('GET', '/v1/secrets/a/b%2Fc', 410, {});
    check('DELETE', '/v1/secrets/a', 204);
    check('GET', '/nowhere', 404, {});
    check('POST', '/v1/secrets/a', 405, {}, { allow: 'GET, HEAD, DELETE' });
  });

  it.each([
    ['a body of another shape', () => check('GET', `/v1/agents/${ID}`, 200, { id: 'x' })],
    ['a route with a fixed name taken for one with a parameter', () => check('GET', '/v1/agents/me', 200, { id: ID })],
    ['a status nobody documented', () => check('GET', `/v1/agents/${ID}`, 404, {})],
    ['another media type', () => check('GET', `/v1/agents/${ID}`, 200, { id: ID }, { 'content-type': 'text/html' })],
    ['a body where there is none', () => check('DELETE', '/v1/secrets/a', 204, {})],
    ['an answer on a path nobody documented', () => check('GET', '/nowhere', 200, {})],
    ['an answer on a method nobody documented', () => check('POST', '/v1/secrets/a', 200, {})],
    ['another Allow', () => check('POST', '/v1/secrets/a', 405, {}, { allow: 'GET' })],
  ])('fails %s', (_, departure) => {
    expect(departure).toThrow('departs from /openapi.json');
  });
});
