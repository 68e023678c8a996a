import { describe, expect, it } from '@jest/globals';
import { BadRequestException } from '@nestjs/common';
import {
  DomainError,
  alreadyExists,
  gone,
  internal,
  invalid,
  notFound,
  permissionDenied,
  preconditionFailed,
  rateLimited,
  unauthenticated,
  unavailable,
} from '@oneclaw/errors';
import { HttpRefusal } from './http-refusal.js';
import { INTERNAL_DETAIL, encodeProblem, isFault } from './problem.js';

describe('a problem document', () => {
  it.each([
    [invalid('Bad.'), 400, 'Bad Request'],
    [unauthenticated(), 401, 'Unauthorized'],
    [permissionDenied('No.'), 403, 'Forbidden'],
    [notFound('It'), 404, 'Not Found'],
    [alreadyExists('It'), 409, 'Conflict'],
    [gone('Gone.'), 410, 'Gone'],
    [preconditionFailed('No.'), 412, 'Precondition Failed'],
    [rateLimited('Slow.', 3), 429, 'Too Many Requests'],
    [unavailable('Away.'), 503, 'Service Unavailable'],
    [new HttpRefusal(405), 405, 'Method Not Allowed'],
  ])('has the status of its error: %s', (error, status, title) => {
    const { problem } = encodeProblem(error, 'r-1');
    expect(problem).toEqual({ type: 'about:blank', title, status, detail: error.message, instance: 'r-1' });
    expect(isFault(error)).toBe(false);
  });

  it('has the fields of a validation error', () => {
    expect(encodeProblem(invalid('Bad.', { name: 'is required' }), 'r').problem.fields).toEqual({
      name: 'is required',
    });
  });

  it('has a type of its own where a plan is exhausted', () => {
    const detail = 'Vault limit reached (3/3 on free tier). Upgrade your plan for more.';
    expect(encodeProblem(new DomainError('resource_limit_exceeded', detail), 'r').problem).toMatchObject({
      type: 'resource_limit_exceeded',
      status: 403,
      detail,
    });
  });

  it('comes with the headers of its status', () => {
    expect(encodeProblem(unauthenticated(), 'r').headers).toEqual({ 'www-authenticate': 'Bearer' });
    expect(encodeProblem(rateLimited('Slow.', 2.2), 'r').headers).toEqual({ 'retry-after': '3' });
    expect(encodeProblem(unavailable('Away.', undefined, 0), 'r').headers).toEqual({ 'retry-after': '1' });
    expect(encodeProblem(new HttpRefusal(405, undefined, { allow: 'GET' }), 'r').headers).toEqual({ allow: 'GET' });
    expect(encodeProblem(invalid('Bad.'), 'r').headers).toEqual({});
  });

  it.each([
    new Error('connect ECONNREFUSED postgres://secret'),
    internal('vault-svc: INTERNAL boom'),
    Object.assign(new Error('boom'), { statusCode: 500 }),
    'a string',
    undefined,
  ])('says nothing of what was our fault: %s', (error) => {
    expect(encodeProblem(error, 'r').problem).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: INTERNAL_DETAIL,
      instance: 'r',
    });
    expect(isFault(error)).toBe(true);
  });

  it.each([
    [Object.assign(new Error('FST_ERR_CTP_BODY_TOO_LARGE'), { statusCode: 413 }), 413],
    [new BadRequestException('find-my-way said so'), 400],
  ])('tells a refusal of the framework in our words', (error, status) => {
    const { problem } = encodeProblem(error, 'r');
    expect(problem.status).toBe(status);
    expect(problem.detail).not.toBe(error.message);
  });
});
