import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@oneclaw/errors';
import { isForeignKeyViolation, isUnavailable, isUniqueViolation, toThrowable } from './errors.js';

const failure = (code: string, extra: object = {}) => Object.assign(new Error('from the server'), { code, ...extra });

describe('a failure of Postgres', () => {
  it.each(['53100', '53300', '57P01', '57P03', '57014', '40001', '40P01', '55P03', '08006', '25006', '58030'])(
    'with SQLSTATE %s is unavailable',
    (code) => {
      const error = toThrowable(failure(code));
      expect(error).toBeInstanceOf(DomainError);
      expect(error).toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
    },
  );

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND'])('of the socket (%s) is unavailable', (code) => {
    expect(isUnavailable(failure(code))).toBe(true);
  });

  it('to reach any of several addresses is unavailable', () => {
    expect(isUnavailable(new AggregateError([failure('ECONNREFUSED'), failure('ECONNREFUSED')]))).toBe(true);
  });

  it.each(['23505', '23503', '22P02', '42601', '42501'])('that lies in the statement (%s) stays what it is', (code) => {
    const error = failure(code);
    expect(toThrowable(error)).toBe(error);
  });

  it('loses the parameters that TypeORM attaches', () => {
    const driverError = failure('23505');
    const wrapped = Object.assign(new Error('wrapped'), { driverError, parameters: ['secret'] });
    expect(toThrowable(wrapped)).toBe(driverError);
  });
});

describe('a violation', () => {
  const violation = failure('23505', { constraint: 'vaults_name_key' });

  it('is told by its constraint', () => {
    expect(isUniqueViolation(violation)).toBe(true);
    expect(isUniqueViolation(violation, 'vaults_name_key')).toBe(true);
    expect(isUniqueViolation(violation, 'another_key')).toBe(false);
    expect(isForeignKeyViolation(violation)).toBe(false);
    expect(isForeignKeyViolation(failure('23503'))).toBe(true);
  });
});
