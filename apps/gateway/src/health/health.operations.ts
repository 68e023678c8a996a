import { z } from 'zod';
import { defineOperation } from '../api/operation.js';
import { looseAnswer } from '../openapi/schemas.js';

const healthResponse = looseAnswer('HealthResponse', {
  status: z.enum(['healthy', 'degraded']),
  version: z.string(),
});
const hsmHealthResponse = looseAnswer('HsmHealthResponse', { status: z.enum(['ok', 'degraded', 'unavailable']) });

export type HealthResponse = z.output<typeof healthResponse>;
export type HsmHealthResponse = z.output<typeof hsmHealthResponse>;

export const getHealth = defineOperation({
  id: 'healthCheck',
  method: 'GET',
  path: '/v1/health',
  tag: 'Health',
  summary: 'How the system is',
  description: 'Asks the services behind this one. A few hundred milliseconds old at most.',
  access: 'public',
  answer: {
    status: 200,
    description:
      'Requests are served; `degraded` when some are not, or when the audit trail is more than 10 seconds behind.',
    schema: healthResponse,
  },
  otherAnswers: { 503: { description: 'Hardly any request can be served now.', schema: healthResponse } },
});

export const getHsmHealth = defineOperation({
  id: 'healthHsm',
  method: 'GET',
  path: '/v1/health/hsm',
  tag: 'Health',
  summary: 'How the HSM is',
  description: 'From a real operation inside it.',
  access: 'public',
  answer: { status: 200, description: 'The HSM works.', schema: hsmHealthResponse },
  otherAnswers: { 503: { description: 'The HSM does not work now.', schema: hsmHealthResponse } },
});
