import { describe, expect, it } from '@jest/globals';
import { decodeOnce, rawTail } from './raw-path.js';

const TEMPLATE = '/v1/vaults/:vault_id/secrets/*path';

describe('the rest of a raw path', () => {
  it.each([
    ['/v1/vaults/v/secrets/a/b', 'a/b'],
    ['/v1/vaults/v/secrets/a/../b?version=1', 'a/../b'],
    ['/v1/vaults/v/secrets/a%2Fb', 'a%2Fb'],
    ['/v1/vaults/v/secrets//a', '/a'],
    ['/v1/vaults/v/secrets/', ''],
    ['/v1/vaults/v/secrets/?x=/y', ''],
    ['/v1/vaults/v/secrets/a#b', 'a#b'],
    ['http://host:8080/v1/vaults/v/secrets/a/b', 'a/b'],
    ['HTTPS://host/v1/vaults/v/secrets/a?b', 'a'],
  ])('of %s is "%s", untouched', (url, tail) => {
    expect(rawTail(url, TEMPLATE)).toBe(tail);
  });
});

describe('percent-decoding', () => {
  it.each([
    ['a%2Fb', 'a/b'],
    ['a%252Fb', 'a%2Fb'],
    ['%61', 'a'],
    ['a%C3%A9', 'aé'],
  ])('happens once: %s is %s', (raw, decoded) => {
    expect(decodeOnce(raw)).toBe(decoded);
  });

  it.each(['a%', 'a%zz', 'a%FF', 'a%C0%AF'])(
    'leaves alone what it cannot decode, for the path rule to refuse: %s',
    (raw) => {
      expect(decodeOnce(raw)).toBe(raw);
    },
  );
});
