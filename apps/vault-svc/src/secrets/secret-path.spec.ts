import { describe, expect, it } from '@jest/globals';
import { checkSecretPath, isPathPrefix, isSecretPath } from './secret-path.js';

describe('a secret path', () => {
  it.each(['a', 'db/password', 'A-1_b/c', '-', 'a'.repeat(512), `${'a/'.repeat(255)}ab`])('%s is one', (path) => {
    expect(isSecretPath(path)).toBe(true);
    expect(() => checkSecretPath(path)).not.toThrow();
  });

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '.',
    'a/../b',
    'a.b',
    'a%2fb',
    'a\\b',
    'a\0b',
    'a\n',
    'é',
    'a b',
    'a*',
    'a'.repeat(513),
    `${'a/'.repeat(256)}a`,
  ])('%j is none', (path) => {
    expect(isSecretPath(path)).toBe(false);
    expect(() => checkSecretPath(path)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  it('may be listed by any text that it can begin with', () => {
    expect(['', 'db', 'db/', 'db/pass'].every(isPathPrefix)).toBe(true);
    expect(['%', 'db.', 'a'.repeat(513)].some(isPathPrefix)).toBe(false);
  });
});
