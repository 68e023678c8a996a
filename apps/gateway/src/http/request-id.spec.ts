import { describe, expect, it } from '@jest/globals';
import { requestIdOf } from './request-id.js';

const idFor = (given: string | undefined) =>
  requestIdOf({ headers: given === undefined ? {} : { 'x-request-id': given } });

describe('a request id', () => {
  it.each(['a', '!~"#$%&/()=?', 'x'.repeat(128)])('is kept when it is well-formed: %s', (given) => {
    expect(idFor(given)).toBe(given);
  });

  it.each([undefined, '', 'a b', 'a\tb', 'caf\u00e9', 'x'.repeat(129), 'a\nb'])(
    'is made anew otherwise: %j',
    (given) => {
      expect(idFor(given)).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});
