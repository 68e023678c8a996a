import { parseEmail, type EmailAddress } from '@oneclaw/caller';
import type { SignUpRequest } from '@oneclaw/contracts/auth';
import { invalid } from '@oneclaw/errors';
import { DISPLAY_NAME_RULE, isDisplayName } from './display-name.js';

export interface SignUpInput {
  email: EmailAddress;
  password: string;
  displayName: string | undefined;
  inviteToken: string | undefined;
}

/** Throws invalid_argument. The password's own rule is checked where its strength can be estimated. */
export function parseSignUp(request: SignUpRequest): SignUpInput {
  const email = parseEmail(request.email);
  const displayName = request.displayName?.trim() || undefined;
  const fields = {
    ...(email ? {} : { email: 'must be an email address' }),
    ...(displayName === undefined || isDisplayName(displayName) ? {} : { display_name: DISPLAY_NAME_RULE }),
  };
  if (!email || Object.keys(fields).length > 0) throw invalid('The sign-up is not valid.', fields);
  return { email, password: request.password, displayName, inviteToken: request.inviteToken };
}
