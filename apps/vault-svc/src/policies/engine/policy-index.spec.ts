import { describe, expect, it } from '@jest/globals';
import { candidatesFor } from './policy-index.js';
import { compilePolicy, type CompiledPolicy } from './policy.js';

const policies = ['a/b', '**', 'a/*', 'x', 'a', 'a/b/c/**', '*/b', 'ab/**', 'a/b'].map(
  (pattern, index) =>
    compilePolicy({
      id: `${index}`,
      pattern,
      permissions: ['read'],
      conditions: {},
      expiresAt: undefined,
    }) as CompiledPolicy,
);
const candidates = (path: string) => candidatesFor(policies, path.split('/')).map(({ pattern }) => pattern.text);

describe('the candidates among policies', () => {
  it('are those that begin as the path does, from the widest to the narrowest', () => {
    expect(candidates('a/b')).toEqual(['**', '*/b', 'a/*', 'a', 'a/b', 'a/b']);
    expect(candidates('a/b/c/d/e')).toEqual(['**', '*/b', 'a/*', 'a', 'a/b', 'a/b', 'a/b/c/**']);
    expect(candidates('ab')).toEqual(['**', '*/b', 'ab/**']);
    expect(candidates('b')).toEqual(['**', '*/b']);
  });

  it('are found in a list that was read once, and anew in another one', () => {
    let read = 0;
    const counting = [
      {
        ...(policies[0] as CompiledPolicy),
        get pattern() {
          read += 1;
          return (policies[0] as CompiledPolicy).pattern;
        },
      },
    ];
    for (let round = 0; round < 3; round += 1) expect(candidatesFor(counting, ['a', 'b'])).toHaveLength(1);
    expect(read).toBe(1);
    expect(candidatesFor([], ['a', 'b'])).toEqual([]);
  });
});
