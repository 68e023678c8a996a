import { z } from 'zod';
import { optional, text } from '../api/fields.js';
import { password } from '../auth/auth.schemas.js';
import { looseAnswer, requestBody } from '../openapi/schemas.js';

const code = text(64).meta({
  description: 'Six digits of the authenticator, or a recovery code.',
  examples: ['287082'],
});

export const mfaVerifySetupRequest = requestBody('MfaVerifySetupRequest', {
  code: text(64).meta({ description: 'Six digits of the authenticator.', examples: ['287082'] }),
});

export const mfaVerifyRequest = requestBody('MfaVerifyRequest', {
  mfa_token: text(8192).meta({ description: 'From the first step of the login.' }),
  code,
});

export const mfaDisableRequest = requestBody('MfaDisableRequest', {
  code: optional(code),
  password: optional(password).meta({ description: 'In place of a code.' }),
});

export const mfaStatusResponse = looseAnswer('MfaStatusResponse', { enabled: z.boolean() });

export const mfaSetupResponse = looseAnswer('MfaSetupResponse', {
  otpauth_uri: z.string().meta({ description: 'What authenticator apps scan; holds the secret.' }),
  secret: z.string().meta({ description: 'Base32, for typing it in.' }),
  qr_code: z.string().meta({ description: 'The URI as an image: a data URI.' }),
});

export const mfaVerifySetupResponse = looseAnswer('MfaVerifySetupResponse', {
  recovery_codes: z.array(z.string()).meta({ description: 'Each serves once in place of a code. Shown this once.' }),
});
