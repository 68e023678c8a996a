import type { AccessToken, LogInResponse, Profile, SigningKey, UpdateProfileRequest } from '@oneclaw/contracts/auth';
import type { AgentTokenResult } from './agent-tokens.js';
import { instantOf, orAbsent, present } from '../api/wire.js';
import type {
  AgentTokenResponse,
  JwksResponse,
  LoginResponse,
  ProfileResponse,
  TokenResponse,
} from './auth.schemas.js';
import type { ProfileChange } from './profile.schemas.js';

export function toTokenResponse(found: AccessToken | undefined): TokenResponse {
  const token = present(found, 'the token');
  return { access_token: token.accessToken, token_type: 'Bearer', expires_in: token.expiresInSeconds };
}

/** A session, or what a code makes one of. */
export function toLoginResponse({ token, mfaChallenge }: LogInResponse): LoginResponse {
  if (!mfaChallenge) return toTokenResponse(token);
  return {
    mfa_required: true,
    mfa_token: mfaChallenge.mfaToken,
    access_token: '',
    token_type: 'Bearer',
    expires_in: mfaChallenge.expiresInSeconds,
  };
}

/** A client that named its agent gets exactly a token response; one that did not learns whose key it holds. */
export function toAgentTokenResponse(result: AgentTokenResult, named: boolean): AgentTokenResponse {
  const token = toTokenResponse(result.token);
  return named ? token : { ...token, agent_id: result.agentId, vault_ids: result.vaultIds };
}

export function toProfileResponse(found: Profile | undefined): ProfileResponse {
  const profile = present(found, 'the profile');
  return {
    id: profile.id,
    email: profile.email,
    display_name: orAbsent(profile.displayName),
    auth_method: profile.authMethod,
    role: profile.role,
    email_verified: profile.emailVerified,
    marketing_emails: profile.marketingEmails,
    totp_enabled: profile.totpEnabled,
    created_at: instantOf(profile.createdAt),
    org_id: profile.orgId,
  };
}

/** `null` clears: no name is an empty one, and nobody who has cleared the wish for mails gets any. */
export function toProfileChange({
  display_name: name,
  marketing_emails: marketing,
}: ProfileChange): UpdateProfileRequest {
  return { displayName: name === null ? '' : name, marketingEmails: marketing === null ? false : marketing };
}

/** RFC 8037: an Ed25519 key as a JWK. */
export function toJwk({ kid, publicKey }: Pick<SigningKey, 'kid' | 'publicKey'>): JwksResponse['keys'][number] {
  return { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid, x: publicKey.toString('base64url') };
}
