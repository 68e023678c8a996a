import { z } from 'zod';
import { text } from '../api/fields.js';
import { instant, looseAnswer, requestBody } from '../openapi/schemas.js';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

const userCode = text(256).meta({
  description: 'In any case, with or without the dash.',
  examples: ['BCDFG-HJKLM'],
});

export const userCodeParams = z.object({ user_code: userCode });

export const deviceCodeRequest = requestBody('DeviceCodeRequest', {
  client_id: text(128).meta({
    description: 'How the client calls itself: printable ASCII. People are shown it.',
    examples: ['oneclaw-cli'],
  }),
});

export const deviceTokenRequest = requestBody('DeviceTokenRequest', {
  device_code: text(512),
  grant_type: z.literal(GRANT_TYPE),
});

export const deviceDecisionRequest = requestBody('DeviceApproveRequest', { user_code: userCode });

export const deviceCodeResponse = looseAnswer('DeviceCodeResponse', {
  device_code: z.string().meta({ description: 'The secret to poll with. Show it to nobody.' }),
  user_code: z.string().meta({ description: 'To show to the person.', examples: ['BCDFG-HJKLM'] }),
  verification_uri: z.url().meta({ description: 'Where the person enters it.' }),
  verification_uri_complete: z.url().meta({ description: 'The same, with the code.' }),
  expires_in: z.int().meta({ description: 'Seconds.' }),
  interval: z.int().meta({ description: 'Seconds to wait between two polls.' }),
});

const status = z.enum(['pending', 'approved', 'denied', 'expired']);

export const deviceCodeStatusResponse = looseAnswer('DeviceCodeStatusResponse', {
  user_code: z.string(),
  client_id: z.string().meta({ description: 'What the client says of itself, which proves nothing.' }),
  status,
  expires_at: instant(),
});

export const deviceDecisionResponse = looseAnswer('DeviceDecisionResponse', { status });

const pollError = z.enum(['authorization_pending', 'slow_down', 'access_denied', 'expired_token']);

export const deviceTokenResponse = looseAnswer('DeviceTokenResponse', {
  access_token: z.string().optional().meta({ description: 'Once; the other fields but `error` come with it.' }),
  token_type: z.literal('Bearer').optional(),
  expires_in: z.int().optional().meta({ description: 'Seconds.' }),
  email: z.string().optional(),
  user_id: z.uuid().optional(),
  org_id: z.uuid().optional(),
  error: pollError.optional().meta({
    description: '`slow_down`: from now on wait five seconds longer between two polls.',
  }),
});

export type DeviceCodeStatus = z.output<typeof status>;
export type DevicePollError = z.output<typeof pollError>;
export type DeviceCodeResponse = z.output<typeof deviceCodeResponse>;
export type DeviceCodeStatusResponse = z.output<typeof deviceCodeStatusResponse>;
export type DeviceTokenResponse = z.output<typeof deviceTokenResponse>;
