import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rangesOf } from './path-ranges.js';

const includes = (ranges: ReturnType<typeof rangesOf>, path: string) =>
  ranges.some(({ from, to }) => path >= from && (to === null || path < to));

describe('the ranges of a listing', () => {
  it.each([
    ['', [''], [['', null]]],
    ['db/', [''], [['db/', 'db0']]],
    [
      '',
      ['db/', 'api'],
      [
        ['api', 'apj'],
        ['db/', 'db0'],
      ],
    ],
    ['', ['db', 'db/prod', 'db'], [['db', 'dc']]],
    ['db/prod', ['db/'], [['db/prod', 'db/proe']]],
    ['api', ['db/'], []],
    ['', [], []],
  ])('prefix %j within %j', (prefix, allowed, expected) => {
    expect(rangesOf([prefix], allowed).map(({ from, to }) => [from, to])).toEqual(expected);
  });

  it('hold every path that begins rightly, and while they are few no other', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'z'), maxLength: 4 });
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 16 }), text, (prefix, allowed, path) => {
        const expected = path.startsWith(prefix) && allowed.some((each) => path.startsWith(each));
        expect(includes(rangesOf([prefix], allowed), path)).toBe(expected);
      }),
    );
  });

  it('are one when they would be many', () => {
    const allowed = Array.from({ length: 40 }, (_, index) => `p${String(index).padStart(2, '0')}`);
    expect(rangesOf([''], allowed)).toEqual([{ from: 'p00', to: 'p3:' }]);
  });
});
