import { STATUS_CODES } from 'node:http';
import { OtherAnswer } from '../api/other-answer.js';
import type { Refusal } from './org-quota.js';

const VERSION = 1;

/**
 * The one shape of every 402: JSON that x402 clients decode, and what a problem document says besides. Whoever can settle payments puts
 * what may be paid into `accepts`.
 */
export function paymentRequired({ limit, tier }: Refusal): OtherAnswer {
  const quota = `The ${limit} requests that the ${tier} tier has for a month are used up.`;
  return new OtherAnswer(402, {
    x402Version: VERSION,
    error: 'The monthly request quota is used up.',
    accepts: [],
    description: `${quota} Upgrade the plan, or wait for the next month.`,
    type: 'about:blank',
    title: STATUS_CODES[402],
    status: 402,
    detail: `${quota} Upgrade your plan for more.`,
  });
}
