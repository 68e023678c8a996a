import { defineOperation } from '../api/operation.js';
import { tokenResponse } from '../auth/auth.schemas.js';
import {
  mfaDisableRequest,
  mfaSetupResponse,
  mfaStatusResponse,
  mfaVerifyRequest,
  mfaVerifySetupRequest,
  mfaVerifySetupResponse,
} from './mfa.schemas.js';

const tag = 'Authentication';
const people = { users: true, agents: false } as const;
const interactive = { ...people, interactive: true } as const;
const enabling = { action: 'mfa.enable' as const, resource: 'user' };

export const mfaStatus = defineOperation({
  id: 'mfaStatus',
  method: 'GET',
  path: '/v1/auth/mfa/status',
  tag,
  summary: 'Say whether the user who calls has MFA on',
  access: people,
  audit: { action: 'mfa.status', resource: 'user' },
  answer: { status: 200, description: 'Whether it is on.', schema: mfaStatusResponse },
});

export const mfaSetup = defineOperation({
  id: 'mfaSetup',
  method: 'POST',
  path: '/v1/auth/mfa/setup',
  tag,
  summary: 'Begin the setup of MFA',
  description: 'A secret for an authenticator app (TOTP, RFC 6238). May be begun anew until it is finished.',
  access: interactive,
  audit: enabling,
  answer: { status: 200, description: 'The secret, this once.', schema: mfaSetupResponse },
  refusals: [409],
});

export const mfaVerifySetup = defineOperation({
  id: 'mfaVerifySetup',
  method: 'POST',
  path: '/v1/auth/mfa/verify-setup',
  tag,
  summary: 'Turn MFA on with a code of the authenticator',
  description: 'From now on, logins with a password or Google need a code. The code of this request is used up.',
  access: interactive,
  audit: enabling,
  body: mfaVerifySetupRequest,
  answer: { status: 200, description: 'MFA is on.', schema: mfaVerifySetupResponse },
});

export const mfaVerify = defineOperation({
  id: 'mfaVerify',
  method: 'POST',
  path: '/v1/auth/mfa/verify',
  tag,
  summary: 'Finish a login with a code',
  description:
    'A code works once. Five wrong ones end the login, ten in a quarter of an hour close this step for a while.',
  access: 'public',
  body: mfaVerifyRequest,
  answer: { status: 200, description: 'A token for the user.', schema: tokenResponse },
  refusals: [400, 401],
});

export const mfaDisable = defineOperation({
  id: 'mfaDisable',
  method: 'DELETE',
  path: '/v1/auth/mfa',
  tag,
  summary: 'Turn MFA off',
  description: 'With a code, or with the password.',
  access: interactive,
  audit: { action: 'mfa.disable', resource: 'user' },
  body: mfaDisableRequest,
  answer: { status: 204, description: 'MFA is off, and its secret and recovery codes are gone.' },
});
