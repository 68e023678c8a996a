import { describe, expect, it } from '@jest/globals';
import { areaScopesOf } from './api-key-scope.js';
import { parseApiKeySettings } from './api-key-settings.js';

const now = new Date('2030-01-01T00:00:00Z');
const parse = (fields: object) => parseApiKeySettings({ name: 'ci', scopes: [], expiresAt: undefined, ...fields }, now);

describe('the settings of an API key', () => {
  it('are taken as given, each scope once', () => {
    const scopes = ['app/**', 'secrets:read', 'vaults:*', 'app/**', '*'];
    const expiresAt = new Date('2030-01-01T00:00:01Z');
    expect(parse({ scopes, expiresAt })).toEqual({
      name: 'ci',
      scopes: ['app/**', 'secrets:read', 'vaults:*', '*'],
      expiresAt,
    });
    expect(parse({}).expiresAt).toBeNull();
  });

  it.each([
    ['name', { name: ' ' }],
    ['name', { name: 'x'.repeat(129) }],
    ['name', { name: 'two\nlines' }],
    ['expires_at', { expiresAt: now }],
    ['scopes', { scopes: ['secrets:delete'] }],
    ['scopes', { scopes: ['secret:read'] }],
    ['scopes', { scopes: ['admin:read'] }],
    ['scopes', { scopes: ['*:read'] }],
    ['scopes', { scopes: ['secrets:read:write'] }],
    ['scopes', { scopes: ['Secrets:read'] }],
    ['scopes', { scopes: [':'] }],
    ['scopes', { scopes: ['tx:sign'] }],
    ['scopes', { scopes: [''] }],
    ['scopes', { scopes: ['a//b'] }],
    ['scopes', { scopes: ['a b'] }],
    ['scopes', { scopes: Array.from({ length: 65 }, (_, index) => `p${index}`) }],
    ['scopes', { scopes: Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(120, 'x')) }],
  ])('are refused for their %s: %j', (field, fields) => {
    expect(() => parse(fields)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', fields: { [field]: expect.any(String) } }),
    );
  });

  it('are refused for all that is wrong at once', () => {
    const fields = { name: '', scopes: ['x:y'], expiresAt: new Date(0) };
    expect(() => parse(fields)).toThrow(
      expect.objectContaining({
        fields: expect.objectContaining({ name: expect.any(String), expires_at: expect.any(String) }),
      }),
    );
  });

  it('name areas by the entries with a colon', () => {
    expect(areaScopesOf(['app/**', 'secrets:read', '*', 'vaults:*'])).toEqual(['secrets:read', 'vaults:*']);
  });
});
