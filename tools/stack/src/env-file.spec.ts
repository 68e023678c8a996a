import { describe, expect, it } from '@jest/globals';
import { parseEnv } from 'node:util';
import { formatEnvFile } from './env-file.js';

describe('an env file', () => {
  const values = {
    PLAIN: 'a',
    SPACES: 'a b  c',
    DOLLAR: '$HOME `id`',
    HASH: 'a # b',
    QUOTES: 'say "x"',
    BACKSLASH: 'a\\nb',
  };

  it('gives node --env-file the values as they were', () => {
    expect(parseEnv(formatEnvFile(values))).toEqual(values);
  });

  it('refuses what a shell and node would read differently', () => {
    expect(() => formatEnvFile({ PASSWORD: `it's` })).toThrow('PASSWORD holds a quote');
    expect(() => formatEnvFile({ KEY: 'a\nb' })).toThrow('KEY holds a quote or a line break');
  });
});
