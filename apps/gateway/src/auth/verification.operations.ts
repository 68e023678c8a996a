import { defineOperation } from '../api/operation.js';
import { loginResponse, verifyEmailRequest } from './auth.schemas.js';

export const verifyEmail = defineOperation({
  id: 'verifyEmail',
  method: 'POST',
  path: '/v1/auth/verify-email',
  tag: 'Authentication',
  summary: 'Confirm an email address',
  description: 'With the token of the link in the welcome mail: once, within 24 hours. Logs the user in.',
  access: 'public',
  body: verifyEmailRequest,
  answer: {
    status: 200,
    description: 'The address is confirmed; a token for the user, or what to finish the login with.',
    schema: loginResponse,
  },
  refusals: [400],
});
