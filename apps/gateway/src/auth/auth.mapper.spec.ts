import { describe, expect, it } from '@jest/globals';
import { Profile } from '@oneclaw/contracts/auth';
import { toAgentTokenResponse, toJwk, toLoginResponse, toProfileResponse, toTokenResponse } from './auth.mapper.js';

const token = { accessToken: 't', expiresInSeconds: 900 };
const exchanged = { accepted: true, token, agentId: 'a', vaultIds: [] };

describe('a token', () => {
  it('is exactly a token, its type and its lifetime', () => {
    expect(toTokenResponse(token)).toEqual({ access_token: 't', token_type: 'Bearer', expires_in: 900 });
    expect(toAgentTokenResponse(exchanged, true)).toEqual(toTokenResponse(token));
  });

  it('for a client that knows only its key says whose it is', () => {
    expect(toAgentTokenResponse(exchanged, false)).toEqual({ ...toTokenResponse(token), agent_id: 'a', vault_ids: [] });
  });

  it('is asked for with a code where the account has MFA on', () => {
    expect(toLoginResponse({ token, mfaChallenge: undefined })).toEqual(toTokenResponse(token));
    const mfaChallenge = { mfaToken: 'm', expiresInSeconds: 300 };
    expect(toLoginResponse({ token: undefined, mfaChallenge })).toEqual({
      mfa_required: true,
      mfa_token: 'm',
      access_token: '',
      token_type: 'Bearer',
      expires_in: 300,
    });
  });

  it('that does not come is a fault', () => {
    expect(() => toTokenResponse(undefined)).toThrow('the token');
  });
});

describe('a profile', () => {
  it('leaves out a name that is not set', () => {
    const profile = toProfileResponse(Profile.fromPartial({ id: 'u', createdAt: new Date(0), displayName: '' }));
    expect(profile).toMatchObject({ id: 'u', email_verified: false, created_at: '1970-01-01T00:00:00.000Z' });
    expect(profile.display_name).toBeUndefined();
  });
});

describe('a signing key', () => {
  it('is a JWK of RFC 8037', () => {
    const publicKey = Buffer.alloc(32, 0xff);
    expect(toJwk({ kid: 'k', publicKey })).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      alg: 'EdDSA',
      use: 'sig',
      kid: 'k',
      x: publicKey.toString('base64url'),
    });
  });
});
