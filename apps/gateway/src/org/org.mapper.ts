import type { Invitation, Member } from '@oneclaw/contracts/auth';
import { instantOf, present } from '../api/wire.js';
import type { InvitationResponse, MemberResponse } from './org.schemas.js';

export function toMemberResponse(found: Member | undefined): MemberResponse {
  const member = present(found, 'the member');
  return {
    id: member.id,
    email: member.email,
    display_name: member.displayName,
    role: member.role,
    auth_method: member.authMethod,
    created_at: instantOf(member.createdAt),
  };
}

export function toInvitationResponse(invitation: Invitation): InvitationResponse {
  return {
    id: invitation.id,
    email: invitation.email,
    role: invitation.role,
    invited_by: invitation.invitedBy,
    created_at: instantOf(invitation.createdAt),
    expires_at: instantOf(invitation.expiresAt),
  };
}
