import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countNames } from './json-names.js';

describe('the names in a JSON text', () => {
  it.each([
    ['{}', 0],
    ['{"a":1}', 1],
    ['{"a":1,"a":2}', 2],
    ['{"a":{"a":[{"a":1},{"b":":"}]}}', 4],
    ['["a:b", ":", {"x:y" : ":"}]', 1],
    [String.raw`{"\"":1,"\\":2,"\\\":":3,":\\\\":4}`, 4],
    [String.raw`{"a":"\u0022:","b\\":":\""}`, 2],
    ['7', 0],
    ['":"', 0],
  ])('of %s are %i', (text, names) => {
    expect(countNames(text)).toBe(names);
  });

  it('are as many as the members of the value, where no name is there twice', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 2), (value, indent) => {
        expect(countNames(JSON.stringify(value, null, indent))).toBe(membersOf(value));
      }),
    );
  });

  it('are one more than the members, where one is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (object) => {
        const text = JSON.stringify(object);
        const [name = '', value] = Object.entries(object)[0] ?? [];
        const repeated = `{${JSON.stringify(name)}:${JSON.stringify(value)},${text.slice(1)}`;
        expect(countNames(repeated)).toBe(membersOf(object) + 1 + membersOf(value));
      }),
    );
  });
});

function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, each) => sum + membersOf(each), own);
}
