import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { slowMatch } from './model/slow-pattern.js';
import { compilePattern, covers, matchesPattern, mostSteps, patternProblem, type PathPattern } from './path-pattern.js';

const matches = (pattern: string, path: string) =>
  matchesPattern(compilePattern(pattern) as PathPattern, path.split('/'));

describe('a path pattern', () => {
  it.each([
    ['db/password', 'db/password', true],
    ['db/password', 'db/passwords', false],
    ['db/*', 'db/password', true],
    ['db/*', 'db', false],
    ['db/*', 'db/prod/password', false],
    ['*', 'db', true],
    ['*', 'db/password', false],
    ['prod-*/key', 'prod-eu/key', true],
    ['prod-*/key', 'prod-/key', true],
    ['prod-*/key', 'prod/key', false],
    ['prod-*/key', 'prod-a/b/key', false],
    ['*-eu-*', 'prod-eu-1', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*ab*ab', 'ab', false],
    ['*ab*ab', 'xabab', true],
    ['*ab*ba*', 'aba', false],
    ['*ab*ba*', 'abba', true],
    ['*a*a*', 'a', false],
    ['**', 'any/thing/at/all', true],
    ['db/**', 'db', true],
    ['db/**', 'db/prod/password', true],
    ['db/**', 'dbx/prod', false],
    ['**/password', 'password', true],
    ['**/password', 'db/prod/password', true],
    ['**/password', 'db/password/old', false],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/b/**/c', 'a/x/b/y/c', true],
    ['a/**/b/**/c', 'a/c/b', false],
    ['**/a/*', 'a/a/a/b', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  it('agrees with the slow, obvious model', () => {
    const segment = fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 1, maxLength: 4 });
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*'), minLength: 1, maxLength: 5 });
    const safeGlob = glob.map((text) => text.replace(/\*+/g, '*'));
    const parts = fc.array(fc.constantFrom('a', 'b', 'ab', 'ba'), { minLength: 1, maxLength: 4 });
    const spacedGlob = fc
      .tuple(parts, fc.constantFrom('', '*'), fc.constantFrom('', '*'))
      .map(([texts, before, after]) => before + texts.join('*') + after);
    const pattern = fc
      .array(fc.oneof(segment, safeGlob, spacedGlob, fc.constant('**'), fc.constant('*')), {
        minLength: 1,
        maxLength: 6,
      })
      .map((segments) => segments.join('/'));
    const path = fc
      .array(
        fc.oneof(
          segment,
          parts.map((texts) => texts.join('')),
        ),
        { minLength: 1, maxLength: 7 },
      )
      .map((segments) => segments.join('/'));
    fc.assert(
      fc.property(pattern, path, (text, candidate) => {
        const compiled = compilePattern(text) as PathPattern;
        const expected = slowMatch(text, candidate);
        expect(matchesPattern(compiled, candidate.split('/'))).toBe(expected);
        if (expected) expect(candidate.startsWith(compiled.literalPrefix)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['**', '**', true],
    ['**', 'a/*/b*', true],
    ['a/**', 'a', true],
    ['a/**', 'a/**', true],
    ['a/**', '**', false],
    ['a/*', 'a/*', true],
    ['a/*', 'a/b-*', true],
    ['a/*', 'a/**', false],
    ['a/b-*', 'a/*', false],
    ['a/b-*', 'a/b-c-*', true],
    ['a/b', 'a/*', false],
    ['**/b', 'a/**/b', true],
    ['*', '**', false],
  ])('%s covers %s: %s', (wider, narrower, expected) => {
    const [one, other] = [wider, narrower].map((text) => compilePattern(text) as PathPattern);
    expect(covers(one as PathPattern, other as PathPattern)).toBe(expected);
  });

  it('covers another one only if it matches all that the other one matches', () => {
    const segment = fc.constantFrom('a', 'b', 'ab', '*', '**', 'a*', '*b', 'a*b');
    const pattern = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
    const path = fc.array(fc.constantFrom('a', 'b', 'ab', 'aab'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(pattern, pattern, path, (wider, narrower, segments) => {
        const [one, other] = [wider, narrower].map((text) => compilePattern(text) as PathPattern);
        fc.pre(covers(one as PathPattern, other as PathPattern) && slowMatch(narrower, segments.join('/')));
        expect(slowMatch(wider, segments.join('/'))).toBe(true);
      }),
      { numRuns: 1000, maxSkipsPerRun: 1000 },
    );
  });

  it('takes no longer than a moment on the worst input that the length limit admits', () => {
    const pattern = compilePattern(`${'**/a/'.repeat(102)}b`) as PathPattern;
    const glob = compilePattern(`${'a*'.repeat(255)}b`) as PathPattern;
    const started = performance.now();
    for (let round = 0; round < 10; round += 1) {
      expect(matchesPattern(pattern, 'a/'.repeat(255).concat('c').split('/'))).toBe(false);
      expect(matchesPattern(glob, ['a'.repeat(512)])).toBe(false);
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it.each([
    ['', '1 to 512'],
    ['a'.repeat(513), '1 to 512'],
    ['/a', 'slash'],
    ['a/', 'slash'],
    ['a//b', 'slash'],
    ['a/../b', 'segments'],
    ['a/b.c', 'segments'],
    ['a/***', 'segments'],
    ['a/b**', 'segments'],
    ['a/**b', 'segments'],
    ['a\u0000', 'segments'],
    ['é', 'segments'],
    ['a b', 'segments'],
    ['a\n', 'segments'],
  ])('%j is refused with a reason', (pattern, reason) => {
    expect(patternProblem(pattern)).toContain(reason);
    expect(compilePattern(pattern)).toBeUndefined();
  });

  it('may have 512 characters', () => {
    expect(patternProblem('a'.repeat(512))).toBeUndefined();
    expect(matches('a'.repeat(512), 'a'.repeat(512))).toBe(true);
  });

  it.each([
    ['a/b', ['a', 'b']],
    ['a/b/*', ['a', 'b']],
    ['a/b*/c', ['a']],
    ['a/**/c', ['a']],
    ['**', []],
    ['*/a', []],
  ])('%s begins with the whole segments %j', (pattern, lead) => {
    expect(compilePattern(pattern)?.lead).toEqual(lead);
  });

  it.each<[pattern: string, segments: number, steps: number]>([
    ['a/b', 2, 3],
    ['a/b', 1, 1],
    ['**', 9, 11],
    ['**/a', 9, 10],
    ['**/a*b*/c', 9, 33],
    ['a/*/c', 3, 5],
  ])('%s takes at most, for %i segments, %i steps', (pattern, segments, steps) => {
    expect(mostSteps(compilePattern(pattern) as PathPattern, Array<string>(segments).fill('x'))).toBe(steps);
  });

  it.each([
    ['a/b', 'a/b'],
    ['a/**', 'a'],
    ['a/**/b', 'a'],
    ['a/*', 'a/'],
    ['a/b*', 'a/b'],
    ['**', ''],
    ['*/a', ''],
  ])('the literal prefix of %s is %j', (pattern, prefix) => {
    expect(compilePattern(pattern)?.literalPrefix).toBe(prefix);
  });
});
