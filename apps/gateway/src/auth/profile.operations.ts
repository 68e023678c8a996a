import { defineOperation } from '../api/operation.js';
import { profileResponse } from './auth.schemas.js';
import { changePasswordRequest, deleteMeRequest, updateMeRequest } from './profile.schemas.js';

const tag = 'Authentication';
const people = { users: true, agents: false } as const;
const interactive = { ...people, interactive: true } as const;

export const updateMe = defineOperation({
  id: 'updateMe',
  method: 'PATCH',
  path: '/v1/auth/me',
  tag,
  summary: 'Change the profile of the user who calls',
  description: 'What is left out stays; `null` clears.',
  access: people,
  audit: { action: 'auth.update_profile', resource: 'user' },
  body: updateMeRequest,
  answer: { status: 200, description: 'The profile as it is now.', schema: profileResponse },
  refusals: [400],
});

export const deleteMe = defineOperation({
  id: 'deleteMe',
  method: 'DELETE',
  path: '/v1/auth/me',
  tag,
  summary: 'Delete the account of the user who calls',
  description:
    "With an org's last member goes the org: its vaults are shredded, its agents and policies deleted. The last owner of an org with other members stays.",
  access: interactive,
  audit: { action: 'user.delete', resource: 'user' },
  body: deleteMeRequest,
  answer: { status: 204, description: 'The account is gone, and its tokens with it.' },
  refusals: [400, 409],
});

export const changePassword = defineOperation({
  id: 'changePassword',
  method: 'POST',
  path: '/v1/auth/change-password',
  tag,
  summary: 'Change the password of the user who calls',
  description: 'Every other token of the user dies within a second; the calling one and API keys live on.',
  access: interactive,
  audit: { action: 'auth.change_password', resource: 'user' },
  body: changePasswordRequest,
  answer: { status: 204, description: 'The new password counts.' },
  refusals: [400],
});
