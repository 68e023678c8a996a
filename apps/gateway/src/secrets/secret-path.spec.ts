import { describe, expect, it } from '@jest/globals';
import { secretPath } from './secret-path.js';

const isPath = (path: string) => secretPath.safeParse(path).success;

describe('the path of a secret', () => {
  it.each(['a', 'Az09_-/-_/0', 'a/'.repeat(255) + 'ab', 'x'.repeat(512)])('may be %s', (path) => {
    expect(isPath(path)).toBe(true);
  });

  it.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/../b',
    'a.b',
    'a%2Fb',
    'a%b',
    'a\\b',
    'a\0b',
    'a b',
    'a+b',
    'a;b',
    'a:b',
    'a*',
    'é',
    'a\n',
    'x'.repeat(513),
  ])('may not be %j', (path) => {
    expect(isPath(path)).toBe(false);
  });
});
