import { z } from 'zod';
import { clearable, optional, text } from '../api/fields.js';
import { requestBody } from '../openapi/schemas.js';
import { password } from './auth.schemas.js';

export const updateMeRequest = requestBody('UpdateProfileRequest', {
  display_name: clearable(text(256)),
  marketing_emails: clearable(z.boolean()),
});

const phrase = optional(z.string().max(100));

export const deleteMeRequest = requestBody('DeleteAccountRequest', {
  confirmation: phrase.meta({ description: 'Exactly `DELETE MY ACCOUNT`.' }),
  confirm: phrase.meta({ description: 'Another name for `confirmation`.' }),
});

export const changePasswordRequest = requestBody('ChangePasswordRequest', {
  current_password: optional(password).meta({ description: 'Left out only where the account has no password yet.' }),
  new_password: password.meta({ description: '12 to 256 characters, and not easy to guess.' }),
});

export type ProfileChange = z.output<typeof updateMeRequest>;
