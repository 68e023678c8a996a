import { z } from 'zod';
import { pageQuery, uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import {
  changeRoleRequest,
  invitationListResponse,
  inviteRequest,
  inviteResponse,
  memberListResponse,
  memberResponse,
} from './org.schemas.js';

const tag = 'Organization';
const managers = { users: true, agents: false, only: 'managers' } as const;

export const listOrgMembers = defineOperation({
  id: 'listOrgMembers',
  method: 'GET',
  path: '/v1/org/members',
  tag,
  summary: 'List the members of the org',
  access: managers,
  keyScope: 'org:read',
  audit: { action: 'org.list', resource: 'org' },
  query: z.object(pageQuery),
  answer: { status: 200, description: 'The members.', schema: memberListResponse },
});

export const inviteMember = defineOperation({
  id: 'inviteMember',
  method: 'POST',
  path: '/v1/org/invite',
  tag,
  summary: 'Invite somebody into the org',
  description:
    'Mails an `invite_token`, good for 7 days, in place of one that waits already. The invited sign up with it; or, having an account and an org that is empty, join when they next log in with the address verified. Only an owner invites owners.',
  access: managers,
  keyScope: 'org:write',
  audit: { action: 'org.invite', resource: 'org' },
  body: inviteRequest,
  answer: { status: 200, description: 'The mail is on its way.', schema: inviteResponse },
  refusals: [409],
});

export const listOrgInvitations = defineOperation({
  id: 'listOrgInvitations',
  method: 'GET',
  path: '/v1/org/invitations',
  tag,
  summary: 'List the invitations that wait',
  description: 'Newest first.',
  access: managers,
  keyScope: 'org:read',
  audit: { action: 'org.list', resource: 'org' },
  answer: { status: 200, description: 'The invitations, without their tokens.', schema: invitationListResponse },
});

export const revokeOrgInvitation = defineOperation({
  id: 'revokeOrgInvitation',
  method: 'DELETE',
  path: '/v1/org/invitations/:invitation_id',
  tag,
  summary: 'Revoke an invitation',
  access: managers,
  keyScope: 'org:write',
  audit: { action: 'org.revoke_invite', resource: 'invitation', idFrom: 'invitation_id' },
  params: z.object({ invitation_id: uuid() }),
  answer: { status: 204, description: 'Its token is dead.' },
  refusals: [404],
});

export const updateMemberRole = defineOperation({
  id: 'updateMemberRole',
  method: 'PATCH',
  path: '/v1/org/members/:user_id',
  tag,
  summary: 'Change the role of a member',
  description:
    'Acts within a second, on tokens that there are, too. Only an owner makes owners or changes what one is.',
  access: managers,
  keyScope: 'org:write',
  audit: { action: 'org.role', resource: 'user', idFrom: 'user_id' },
  params: z.object({ user_id: uuid() }),
  body: changeRoleRequest,
  answer: { status: 200, description: 'The member as it is now.', schema: memberResponse },
  refusals: [404, 409],
});

export const removeMember = defineOperation({
  id: 'removeMember',
  method: 'DELETE',
  path: '/v1/org/members/:user_id',
  tag,
  summary: 'Remove a member from the org',
  description:
    'Their tokens and API keys die within a second, and what they were granted ends. They get an empty org of their own; vaults and agents stay. Whoever leaves may still hold keys of agents: rotate those. Only an owner removes owners.',
  access: managers,
  keyScope: 'org:write',
  audit: { action: 'org.remove', resource: 'user', idFrom: 'user_id' },
  params: z.object({ user_id: uuid() }),
  answer: { status: 204, description: 'No member any more.' },
  refusals: [404, 409],
});
