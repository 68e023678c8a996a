import { z } from 'zod';
import { clearable, optional, text, wholeNumber } from '../api/fields.js';
import { looseAnswer, requestBody } from '../openapi/schemas.js';

const MAX_REQUESTS = 1_000_000_000_000;

export const x402SettingsRequest = requestBody('UpdateX402ConfigRequest', {
  pay_to: clearable(text(42)).meta({ description: '`0x` and 40 hexadecimal digits.' }),
  network: clearable(text(64)).meta({ examples: ['base'] }),
  scheme: optional(z.literal('exact')),
  free_tier_limit: optional(wholeNumber(0, MAX_REQUESTS)).meta({ description: 'Requests a month of the free tier.' }),
  facilitator_url: clearable(text(2048)),
  asset: clearable(text(42)).meta({ description: 'Of the token; that of the network where it is not set.' }),
});

export const x402SettingsResponse = looseAnswer('X402ConfigResponse', {
  pay_to: z.string().optional(),
  network: z.string().optional(),
  scheme: z.string(),
  free_tier_limit: z.int(),
  facilitator_url: z.string().optional(),
  asset: z.string().optional(),
});

export type X402SettingsResponse = z.output<typeof x402SettingsResponse>;
