import { defineOperation } from '../api/operation.js';
import {
  deviceCodeRequest,
  deviceCodeResponse,
  deviceCodeStatusResponse,
  deviceDecisionRequest,
  deviceDecisionResponse,
  deviceTokenRequest,
  deviceTokenResponse,
  userCodeParams,
} from './device.schemas.js';

const tag = 'Authentication';
const interactive = { users: true, agents: false, interactive: true } as const;

export const deviceCode = defineOperation({
  id: 'deviceCode',
  method: 'POST',
  path: '/v1/auth/device/code',
  tag,
  summary: 'Begin the login of a device without a browser',
  description: 'RFC 8628. The person enters the user code at `verification_uri`; the device polls meanwhile.',
  access: 'public',
  body: deviceCodeRequest,
  answer: { status: 200, description: 'The codes, good for ten minutes.', schema: deviceCodeResponse },
  refusals: [400],
  bucket: 'device_code',
});

export const deviceToken = defineOperation({
  id: 'deviceToken',
  method: 'POST',
  path: '/v1/auth/device/token',
  tag,
  summary: 'Poll for the token of a device',
  access: 'public',
  body: deviceTokenRequest,
  answer: { status: 200, description: 'The token, once, or why there is none (yet).', schema: deviceTokenResponse },
  refusals: [400],
});

export const deviceCodeStatus = defineOperation({
  id: 'deviceCodeStatus',
  method: 'GET',
  path: '/v1/auth/device/code/:user_code',
  tag,
  summary: 'Get which client asks with a user code',
  access: 'public',
  params: userCodeParams,
  answer: { status: 200, description: 'The login of the device.', schema: deviceCodeStatusResponse },
  refusals: [400, 404],
});

export const deviceApprove = defineOperation({
  id: 'deviceApprove',
  method: 'POST',
  path: '/v1/auth/device/approve',
  tag,
  summary: 'Let a device act as the user who calls',
  description: 'The first decision on a user code stands.',
  access: interactive,
  audit: { action: 'auth.device_approve', resource: 'user' },
  body: deviceDecisionRequest,
  answer: { status: 200, description: 'The device gets a token.', schema: deviceDecisionResponse },
  refusals: [400, 404, 409],
});

export const deviceDeny = defineOperation({
  id: 'deviceDeny',
  method: 'POST',
  path: '/v1/auth/device/deny',
  tag,
  summary: 'Turn a device away',
  description: 'The first decision on a user code stands.',
  access: interactive,
  audit: { action: 'auth.device_deny', resource: 'user' },
  body: deviceDecisionRequest,
  answer: { status: 200, description: 'The device gets no token.', schema: deviceDecisionResponse },
  refusals: [400, 404, 409],
});
