import type { SignUpRequest } from '@oneclaw/contracts/auth';
import { invalid } from '@oneclaw/errors';
import { parseEmail, type EmailAddress } from './email-address.js';

export interface SignUpInput {
  email: EmailAddress;
  password: string;
  displayName: string | undefined;
}

const MAX_NAME = 128;

/** Throws invalid_argument. The password's own rule is checked where its strength can be estimated. */
export function parseSignUp(request: SignUpRequest): SignUpInput {
  const email = parseEmail(request.email);
  const displayName = request.displayName?.trim() || undefined;
  const fields = {
    ...(email ? {} : { email: 'must be an email address' }),
    ...(isDisplayName(displayName)
      ? {}
      : { display_name: `must have at most ${MAX_NAME} characters, none of them control characters` }),
    // No org invites anyone yet, so every token is a wrong one.
    ...(request.inviteToken === undefined ? {} : { invite_token: 'is not a valid invitation for this address' }),
  };
  if (!email || Object.keys(fields).length > 0) throw invalid('The sign-up is not valid.', fields);
  return { email, password: request.password, displayName };
}

function isDisplayName(name: string | undefined): boolean {
  return name === undefined || ([...name].length <= MAX_NAME && !/\p{Cc}/u.test(name));
}
