import { z } from 'zod';
import { optional, text, uuid } from '../api/fields.js';
import { exactAnswer, instant, looseAnswer, requestBody } from '../openapi/schemas.js';

export const password = z
  .string()
  .min(1)
  .max(1024)
  .meta({ schema: { type: 'string', format: 'password', minLength: 1, maxLength: 1024 } });
export const email = z
  .string()
  .max(320)
  .regex(/^\s*[^\s@]+@[^\s@]+\s*$/, 'must be an email address')
  .meta({ schema: { type: 'string', format: 'email', maxLength: 320 }, examples: ['ada@example.com'] });

export const signupRequest = requestBody('SignupRequest', {
  email,
  password: password.meta({ description: '12 to 256 characters, and not easy to guess.' }),
  display_name: optional(text(256)),
  invite_token: optional(text(512)).meta({ description: 'From an invitation mail; joins that org.' }),
});

export const loginRequest = requestBody('LoginRequest', { email: z.string().min(1).max(320), password });

export const googleLoginRequest = requestBody('GoogleAuthRequest', {
  id_token: text(16_384).meta({ description: "An ID token of Google's, issued to a client of this server." }),
});

export const verifyEmailRequest = requestBody('VerifyEmailRequest', {
  token: text(512).meta({ description: 'From the link in the mail.' }),
});

export const agentTokenRequest = requestBody('AgentTokenRequest', {
  agent_id: optional(uuid('Left out, the key says whose it is.')),
  api_key: optional(text(512)).meta({ examples: ['ocv_…'] }),
  client_assertion: optional(text(16_384)).meta({
    description: 'A JWT of the issuer of the agent (oidc_client_credentials), with our audience.',
  }),
});

const tokenFields = {
  access_token: z.string().meta({ description: 'A JWT, EdDSA. Send it as `Authorization: Bearer`.' }),
  token_type: z.literal('Bearer'),
  expires_in: z.int().meta({ description: 'Seconds.' }),
};

export const tokenResponse = exactAnswer('TokenResponse', tokenFields);

export const loginResponse = looseAnswer('LoginResponse', {
  ...tokenFields,
  access_token: z.string().meta({ description: 'A JWT, EdDSA; empty where a code is asked for.' }),
  mfa_required: z.literal(true).optional().meta({ description: 'The account has MFA on: a code is asked for.' }),
  mfa_token: z.string().optional().meta({ description: 'For `POST /v1/auth/mfa/verify`, within `expires_in`.' }),
});

export const agentTokenResponse = exactAnswer('AgentTokenResponse', {
  ...tokenFields,
  agent_id: z.uuid().optional().meta({ description: 'Only where the request named no agent.' }),
  vault_ids: z.array(z.uuid()).optional().meta({ description: 'As agent_id.' }),
});

export const signupResponse = looseAnswer('SignupResponse', { ...tokenFields, message: z.string(), email: z.string() });

export const profileResponse = looseAnswer('UserProfileResponse', {
  id: z.uuid(),
  email: z.string(),
  display_name: z.string().optional(),
  auth_method: z.string().meta({ description: '`password` or `google`.' }),
  role: z.string().meta({ description: '`owner`, `admin` or `member`.' }),
  email_verified: z.boolean(),
  marketing_emails: z.boolean(),
  totp_enabled: z.boolean(),
  created_at: instant(),
  org_id: z.uuid(),
});

export const publicKeyResponse = exactAnswer('JwtPublicKeyResponse', {
  alg: z.literal('EdDSA'),
  public_key_base64: z.string().meta({ description: 'Raw 32 bytes of the Ed25519 point.' }),
});

const jwk = looseAnswer('Jwk', {
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  alg: z.literal('EdDSA'),
  use: z.literal('sig'),
  kid: z.string(),
  x: z.string().meta({ description: 'The point, base64url.' }),
});

export const jwksResponse = looseAnswer('JwksResponse', { keys: z.array(jwk) });

export type TokenResponse = z.output<typeof tokenResponse>;
export type LoginResponse = z.output<typeof loginResponse>;
export type AgentTokenResponse = z.output<typeof agentTokenResponse>;
export type ProfileResponse = z.output<typeof profileResponse>;
export type JwksResponse = z.output<typeof jwksResponse>;
