import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { clearable, jsonObject, optional, queryNumber, text, uuid, wholeNumber } from './fields.js';
import { readInput } from './operation-input.js';
import { defineOperation } from './operation.js';
import { timestamp } from './timestamp.js';

const ID = '0191E3C4-1111-7000-8000-00000000000A';
const operation = defineOperation({
  id: 'test',
  method: 'PUT',
  path: '/v1/things/:thing_id/parts/*part',
  tag: 'Test',
  summary: 'For tests',
  access: 'public',
  params: z.object({ thing_id: uuid(), part: z.string().regex(/^[a-z/]+$/, 'must be a part') }),
  query: z.object({ limit: queryNumber(1, 10).optional() }),
  body: z.object({
    name: text(3),
    kind: optional(z.enum(['a', 'b'])),
    until: clearable(timestamp()),
    count: optional(wholeNumber(1, 9)),
    tags: optional(z.array(text(2)).max(2)),
    meta: optional(jsonObject()),
  }),
  answer: { status: 204, description: 'Done.' },
});

function read({
  body = { name: 'x' },
  query = {},
  part = 'p',
  id = ID,
}: { body?: unknown; query?: object; part?: string; id?: string } = {}) {
  const request = {
    params: { thing_id: id, '*': 'ignored' },
    query,
    body,
    raw: { url: `/v1/things/${id}/parts/${part}` },
  };
  return readInput(operation, request as unknown as FastifyRequest);
}

function fieldsOf(input: Parameters<typeof read>[0]): Record<string, string> {
  try {
    read(input);
  } catch (error) {
    return (error as { fields: Record<string, string> }).fields;
  }
  throw new Error('it was accepted');
}

describe('the input of an operation', () => {
  it('has what is declared, typed, and nothing else', () => {
    const body = { name: 'x', kind: null, until: '2033-04-05T06:07:08Z', surprise: 1, meta: { a: [1] } };
    expect(read({ body, query: { limit: '7', other: 'x' } })).toEqual({
      params: { thing_id: ID.toLowerCase(), part: 'p' },
      query: { limit: 7 },
      body: { name: 'x', kind: undefined, until: new Date('2033-04-05T06:07:08Z'), meta: { a: [1] } },
    });
  });

  it('keeps null where null clears, and only there', () => {
    expect(read({ body: { name: 'x', until: null, count: null } }).body).toMatchObject({
      until: null,
      count: undefined,
    });
    expect('until' in read().body).toBe(false);
  });

  it('takes the wildcard from the raw URL, decoded once', () => {
    expect(read({ part: 'a%2Fb' }).params.part).toBe('a/b');
    expect(fieldsOf({ part: 'a%252Fb' })).toEqual({ part: 'must be a part' });
  });

  it('names all that is wrong at once, by path', () => {
    const body = { kind: 'c', until: 'later', count: 10, tags: ['ok', 'long'], meta: [] };
    expect(fieldsOf({ body, query: { limit: '0' }, id: 'x' })).toEqual({
      thing_id: 'must be a UUID',
      limit: 'must be between 1 and 10',
      name: 'is required',
      kind: 'must be one of a, b',
      until: 'must be an RFC 3339 date and time, such as 2030-01-31T12:00:00Z',
      count: 'must be at most 9',
      'tags.1': 'must have at most 2 characters',
      meta: 'must be a JSON object',
    });
  });

  it.each([
    [7, 'must be a string'],
    [null, 'must be a string'],
    ['', 'must have at least 1 character'],
    ['long', 'must have at most 3 characters'],
  ])('says in words what is wrong with the name %j', (name, message) => {
    expect(fieldsOf({ body: { name } })).toEqual({ name: message });
  });

  it.each([
    [{ count: 'x' }, { count: 'must be a number' }],
    [{ count: 1.5 }, { count: 'must be a whole number' }],
    [{ count: 0 }, { count: 'must be at least 1' }],
    [{ tags: ['a', 'b', 'c'] }, { tags: 'must have at most 2 entries' }],
    [{ tags: 'a' }, { tags: 'must be an array' }],
  ])('says in words what is wrong with %j', (body, fields) => {
    expect(fieldsOf({ body: { name: 'x', ...body } })).toEqual(fields);
  });

  it.each([[[]], ['x'], [7], [true]])('refuses %j as a body', (body) => {
    expect(() => read({ body })).toThrow('The body must be a JSON object.');
  });

  it('does not take fields from a prototype, and does not touch one', () => {
    const body = JSON.parse('{"__proto__":{"name":"x"},"meta":{"__proto__":{"polluted":1}}}') as object;
    expect(fieldsOf({ body })).toEqual({ name: 'is required' });
    const { meta } = read({ body: { ...body, name: 'x' } }).body;
    expect(JSON.stringify(meta)).toBe('{"__proto__":{"polluted":1}}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
