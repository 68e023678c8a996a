import { describe, expect, it } from '@jest/globals';
import { delayAfter, describeFailure, isUndeliverable } from './mail-failure.js';

const failure = (fields: object) => Object.assign(new Error('550 <ada@example.com> is unknown'), fields);

describe('a failed attempt', () => {
  it.each([
    ['a refused address', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 }, true],
    ['what is no address', { code: 'EENVELOPE', command: 'API' }, true],
    ['a busy server', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 451 }, false],
    ['a refused sender', { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 550 }, false],
    ['a wrong password of ours', { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }, false],
    ['a refused connection', { code: 'ESOCKET' }, false],
  ])('at %s is final: %s', (_what, fields, final) => {
    expect(isUndeliverable(failure(fields))).toBe(final);
  });

  it('is described without what the server repeats', () => {
    expect(describeFailure(failure({ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 }))).toBe(
      'EENVELOPE RCPT TO 550',
    );
    expect(describeFailure(new Error('the sealed value is damaged'))).toBe('the sealed value is damaged');
  });

  it('is repeated after a time that doubles up to half an hour', () => {
    expect([1, 2, 3, 11, 40].map((attempts) => delayAfter(attempts, 0.5))).toEqual([
      2000, 4000, 8000, 1_800_000, 1_800_000,
    ]);
    expect([0, 1].map((random) => delayAfter(1, random))).toEqual([1500, 2500]);
  });
});
