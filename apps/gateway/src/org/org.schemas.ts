import { z } from 'zod';
import { optional } from '../api/fields.js';
import { email } from '../auth/auth.schemas.js';
import { instant, looseAnswer, requestBody } from '../openapi/schemas.js';

const role = z.enum(['owner', 'admin', 'member']);
const roleOfAnswer = z.string().meta({ description: '`owner`, `admin` or `member`.' });

export const inviteRequest = requestBody('InviteMemberRequest', {
  email,
  role: optional(role).meta({ description: '`member` unless told; only an owner invites owners.' }),
});

export const changeRoleRequest = requestBody('UpdateMemberRoleRequest', { role });

export const inviteResponse = looseAnswer('InviteMemberResponse', { message: z.string(), email: z.string() });

export const memberResponse = looseAnswer('OrgMemberResponse', {
  id: z.uuid(),
  email: z.string(),
  display_name: z.string().optional(),
  role: roleOfAnswer,
  auth_method: z.string().meta({ description: '`password` or `google`.' }),
  created_at: instant('When the account was opened.'),
});

export const memberListResponse = looseAnswer('OrgMemberListResponse', {
  members: z.array(memberResponse),
  next_cursor: z.string().optional(),
});

export const invitationResponse = looseAnswer('OrgInvitationResponse', {
  id: z.uuid(),
  email: z.string(),
  role: roleOfAnswer,
  invited_by: z.uuid(),
  created_at: instant(),
  expires_at: instant(),
});

export const invitationListResponse = looseAnswer('OrgInvitationListResponse', {
  invitations: z.array(invitationResponse),
});

export type MemberResponse = z.output<typeof memberResponse>;
export type InvitationResponse = z.output<typeof invitationResponse>;
