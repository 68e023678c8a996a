import type { UpdateProfileRequest } from '@oneclaw/contracts/auth';
import { invalid } from '@oneclaw/errors';
import { DISPLAY_NAME_RULE, isDisplayName } from './display-name.js';

/** What a person changes about themselves; `undefined` stays. */
export interface ProfileChange {
  /** Null clears it. */
  displayName: string | null | undefined;
  marketingEmails: boolean | undefined;
}

/** Throws invalid_argument. */
export function parseProfileChange({ displayName, marketingEmails }: UpdateProfileRequest): ProfileChange {
  const name = displayName?.trim();
  if (name !== undefined && !isDisplayName(name)) {
    throw invalid('The profile is not valid.', { display_name: DISPLAY_NAME_RULE });
  }
  return { displayName: name === '' ? null : name, marketingEmails };
}
