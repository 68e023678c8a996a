import { defineOperation } from '../api/operation.js';
import {
  agentTokenRequest,
  agentTokenResponse,
  googleLoginRequest,
  jwksResponse,
  loginRequest,
  loginResponse,
  profileResponse,
  publicKeyResponse,
  signupRequest,
  signupResponse,
} from './auth.schemas.js';

const tag = 'Authentication';
const KEYS_CACHE_SECONDS = 60;

export const signup = defineOperation({
  id: 'signup',
  method: 'POST',
  path: '/v1/auth/signup',
  tag,
  summary: 'Open an account',
  description:
    'Makes a user and an org that the user owns. A mail asks to confirm the address. With an `invite_token`, the user joins the org that invites instead, and the address is confirmed.',
  access: 'public',
  body: signupRequest,
  answer: { status: 200, description: 'The account exists and is logged in.', schema: signupResponse },
  refusals: [400, 409],
  bucket: 'signup',
});

export const login = defineOperation({
  id: 'login',
  method: 'POST',
  path: '/v1/auth/token',
  tag,
  summary: 'Log in with email and password',
  description: 'Where the account has MFA on, the answer asks for a code instead of holding a token.',
  access: 'public',
  body: loginRequest,
  answer: {
    status: 200,
    description: 'A token for the user, or what to finish the login with.',
    schema: loginResponse,
  },
  refusals: [400, 401],
});

export const googleLogin = defineOperation({
  id: 'googleLogin',
  method: 'POST',
  path: '/v1/auth/google',
  tag,
  summary: 'Log in with Google',
  description:
    'The first visit opens an account, or links the one that has verified the address. Answers like a login with a password.',
  access: 'public',
  body: googleLoginRequest,
  answer: {
    status: 200,
    description: 'A token for the user, or what to finish the login with.',
    schema: loginResponse,
  },
  refusals: [400, 401, 409],
});

export const agentToken = defineOperation({
  id: 'agentToken',
  method: 'POST',
  path: '/v1/auth/agent-token',
  tag,
  summary: 'Exchange the key of an agent for a token',
  description:
    'An agent proves itself by its key, by a statement of its issuer (`client_assertion`), or by the certificate that its TLS connection shows. With `agent_id`, which the last two need, the answer is a plain token response; without it, it also says which agent the key belongs to.',
  access: 'public',
  clientCertificate: true,
  body: agentTokenRequest,
  answer: { status: 200, description: 'A token for the agent.', schema: agentTokenResponse },
  refusals: [400, 401, 403],
});

export const revokeToken = defineOperation({
  id: 'revokeToken',
  method: 'DELETE',
  path: '/v1/auth/token',
  tag,
  summary: 'Revoke the token of this request',
  description: 'Refused everywhere within a second.',
  access: { users: true, agents: true },
  keyScope: 'any',
  audit: { action: 'auth.logout', resource: 'session' },
  answer: { status: 204, description: 'The token is dead.' },
});

export const refreshToken = defineOperation({
  id: 'refreshToken',
  method: 'POST',
  path: '/v1/auth/refresh',
  tag,
  summary: 'Not implemented: log in again',
  access: 'public',
  answer: { status: 204, description: 'Never answered.' },
  refusals: [400],
});

export const getMe = defineOperation({
  id: 'getMe',
  method: 'GET',
  path: '/v1/auth/me',
  tag,
  summary: 'Get the profile of the user who calls',
  access: { users: true, agents: false },
  keyScope: 'any',
  audit: { action: 'auth.profile', resource: 'user' },
  answer: { status: 200, description: 'The profile.', schema: profileResponse },
});

export const getJwtPublicKey = defineOperation({
  id: 'getJwtPublicKey',
  method: 'GET',
  path: '/v1/auth/jwt-public-key',
  tag,
  summary: 'Get the key that signs tokens now',
  access: 'public',
  answer: { status: 200, description: 'The public half.', schema: publicKeyResponse },
  cacheSeconds: KEYS_CACHE_SECONDS,
});

export const getJwks = defineOperation({
  id: 'getJwks',
  method: 'GET',
  path: '/.well-known/jwks.json',
  tag,
  summary: 'Get all keys that tokens in use are signed with',
  description: 'A JWK Set (RFC 7517, RFC 8037).',
  access: 'public',
  answer: { status: 200, description: 'The public halves.', schema: jwksResponse },
  cacheSeconds: KEYS_CACHE_SECONDS,
});
