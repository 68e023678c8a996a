import { z } from 'zod';
import { looseAnswer } from '../openapi/schemas.js';

/** The body of every 402: what x402 clients decode (https://github.com/coinbase/x402), and what a problem document says besides. */
export const paymentRequiredAnswer = looseAnswer('PaymentRequired', {
  x402Version: z.literal(1),
  error: z.string(),
  accepts: z.array(z.looseObject({})).meta({ description: 'How it may be paid; empty where it cannot.' }),
  description: z.string(),
  type: z.string(),
  title: z.string(),
  status: z.literal(402),
  detail: z.string(),
});
