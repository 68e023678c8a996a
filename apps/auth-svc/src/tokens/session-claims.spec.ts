import { describe, expect, it } from '@jest/globals';
import { decodeSessionClaims, encodeSessionClaims } from './session-claims.js';

const ID = '0190a0b0-0000-7000-8000-000000000001';
const names = { issuer: 'https://issuer.test', audience: 'oneclaw' };
const claims = { jti: ID, principalType: 'agent', principalId: ID, orgId: ID, issuedAt: 100, expiresAt: 200 } as const;
const encoded = encodeSessionClaims(names, claims, { scopes: [], vault_ids: [], intents_api_enabled: true });

describe('the claims of a session token', () => {
  it('are what the API promises, and no more', () => {
    expect(
      encodeSessionClaims(names, { ...claims, principalType: 'user' }, { role: 'owner', email: 'Ada@example.com' }),
    ).toEqual({
      iss: 'https://issuer.test',
      aud: 'oneclaw',
      sub: `user:${ID}`,
      org: ID,
      iat: 100,
      exp: 200,
      jti: ID,
      role: 'owner',
      email: 'Ada@example.com',
    });
  });

  it('come back as they went', () => {
    expect(decodeSessionClaims(encoded)).toEqual({ ...claims, intentsEnabled: true });
  });

  it.each([
    ['sub', 'robot:' + ID],
    ['sub', ID],
    ['sub', undefined],
    ['jti', 'x'],
    ['jti', [ID]],
    ['org', undefined],
    ['iat', '100'],
    ['exp', undefined],
  ])('are not ours with %s = %p', (name, value) => {
    expect(decodeSessionClaims({ ...encoded, [name]: value })).toBeUndefined();
  });
});
