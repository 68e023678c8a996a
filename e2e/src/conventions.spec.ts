import { describe, expect, it } from '@jest/globals';
import { Answer } from './answer.js';
import { checkConventions } from './conventions.js';

const HEADERS = { 'x-request-id': 'r1', 'x-content-type-options': 'nosniff' };
const PROBLEM = { type: 'about:blank', title: 'Not Found', status: 404, detail: 'Vault not found.', instance: 'r1' };

const answer = (status: number, body: unknown, headers: Record<string, string>): Answer =>
  new Answer('GET /x', status, headers, Buffer.from(body === undefined ? '' : JSON.stringify(body)));

const problem = (changes: Record<string, unknown> = {}, headers: Record<string, string> = {}, status = 404): Answer =>
  answer(
    status,
    { ...PROBLEM, status, ...changes },
    { ...HEADERS, 'content-type': 'application/problem+json', ...headers },
  );

const json = { ...HEADERS, 'content-type': 'application/json' };

describe('the check of conventions', () => {
  it('passes what is right', () => {
    checkConventions(problem());
    checkConventions(problem({ fields: { name: 'is required' } }, {}, 400));
    checkConventions(problem({}, { 'retry-after': '7' }, 429));
    checkConventions(answer(200, { a: 1 }, json));
    checkConventions(answer(204, undefined, HEADERS));
  });

  it.each([
    ['no request id', answer(200, {}, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' })],
    ['a list as a body', answer(200, [], json)],
    ['a 204 with a body', answer(204, {}, json)],
    ['an error as plain JSON', answer(404, PROBLEM, json)],
    ['another status inside', problem({ status: 400 })],
    ['another instance', problem({ instance: 'r2' })],
    ['a type of its own', problem({ type: 'https://example.com/oops' })],
    ['an empty detail', problem({ detail: '' })],
    ['fields that are a list', problem({ fields: [1] })],
    ['a stack trace', problem({ detail: 'Error: x\n    at foo (/srv/app.js:1:2)' })],
    ['SQL', problem({ detail: 'select id from vaults' })],
    ['gRPC', problem({ detail: '14 UNAVAILABLE: no connection' })],
    ['a 401 without WWW-Authenticate', problem({}, {}, 401)],
    ['a 405 without Allow', problem({}, {}, 405)],
    ['a 429 without Retry-After', problem({}, {}, 429)],
    ['a Retry-After with a fraction', problem({}, { 'retry-after': '0.5' }, 503)],
  ])('fails %s', (_, bad) => {
    expect(() => checkConventions(bad)).toThrow('breaks the conventions');
  });
});
