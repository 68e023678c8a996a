import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { duration, integer, list, listenAddress, secretFile, text } from './fields.js';
import { ConfigError, loadConfig } from './load-config.js';

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('the configuration', () => {
  it('turns variables into typed values', () => {
    const fields = { PORT: integer(1, 65535), TTL: duration(), LISTEN: listenAddress(), ORIGINS: list() };
    const environment = { PORT: '8080', TTL: '15m', LISTEN: '[::1]:0', ORIGINS: 'a, b,' };
    expect(loadConfig(fields, environment)).toEqual({
      PORT: 8080,
      TTL: 900_000,
      LISTEN: { host: '::1', port: 0 },
      ORIGINS: ['a', 'b'],
    });
  });

  it('names every missing and wrong variable at once', () => {
    const fields = { NAME: text(), PORT: integer(1, 65535) };
    expect(problemsOf(() => loadConfig(fields, { PORT: '99999' }))).toEqual([
      'NAME is not set.',
      'PORT: must be at most 65535',
    ]);
  });

  it('treats an empty variable as absent', () => {
    expect(problemsOf(() => loadConfig({ NAME: text() }, { NAME: '' }))).toEqual(['NAME is not set.']);
  });

  it('never repeats a value in its complaint', () => {
    const [problem] = problemsOf(() => loadConfig({ PORT: integer(1, 9) }, { PORT: 'hunter2-canary' }));
    expect(problem).not.toContain('hunter2-canary');
  });

  it('reads a secret from its file without the trailing newline', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'pin');
    writeFileSync(file, '123456\n');
    expect(loadConfig({ PIN_FILE: secretFile() }, { PIN_FILE: file })).toEqual({ PIN_FILE: '123456' });
  });

  it('says which secret file cannot be read', () => {
    expect(problemsOf(() => loadConfig({ PIN_FILE: secretFile() }, { PIN_FILE: '/nowhere/pin' }))).toEqual([
      'PIN_FILE: the file /nowhere/pin cannot be read',
    ]);
  });
});
