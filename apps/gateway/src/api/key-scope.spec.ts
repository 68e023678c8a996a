import { describe, expect, it } from '@jest/globals';
import { covers, type KeyScope } from './key-scope.js';

describe('the scopes of a key', () => {
  it.each<[string[], KeyScope | undefined, boolean]>([
    [['secrets:read'], 'secrets:read', true],
    [['secrets:read'], 'secrets:write', false],
    [['secrets:read'], 'vaults:read', false],
    [['secrets:write'], 'secrets:read', true],
    [['secrets:write'], 'secrets:write', true],
    [['secrets:*'], 'secrets:read', true],
    [['secrets:*'], 'secrets:write', true],
    [['secrets:*'], 'shares:read', false],
    [['audit:read', 'vaults:write'], 'vaults:read', true],
    [['audit:read'], 'any', true],
    [['audit:*'], undefined, false],
    // Limited to paths only.
    [[], 'policies:write', true],
    [[], undefined, false],
  ])('%j cover %s: %s', (granted, needed, expected) => {
    expect(covers(granted, needed)).toBe(expected);
  });
});
