import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { orAbsent, present } from '../api/wire.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { toInvitationResponse, toMemberResponse } from './org.mapper.js';
import {
  inviteMember,
  listOrgInvitations,
  listOrgMembers,
  removeMember,
  revokeOrgInvitation,
  updateMemberRole,
} from './org.operations.js';

const INVITED = 'Invitation sent.';

@Controller()
export class OrgController {
  constructor(
    private readonly clients: AuthClients,
    private readonly sessions: SessionsService,
  ) {}

  @Operation(listOrgMembers)
  async list(call: SessionCall, { query }: InputOf<typeof listOrgMembers>) {
    const { members, nextCursor } = await this.clients.orgMembers.listMembers({ page: query }, call);
    return { members: members.map(toMemberResponse), next_cursor: orAbsent(nextCursor) };
  }

  @Operation(inviteMember)
  async invite(call: SessionCall, { body }: InputOf<typeof inviteMember>) {
    const { email, role = 'member' } = body;
    const { invitation } = await this.clients.invitations.invite({ email, role }, call);
    return { message: INVITED, email: present(invitation, 'the invitation').email };
  }

  @Operation(listOrgInvitations)
  async listInvitations(call: SessionCall) {
    const { invitations } = await this.clients.invitations.listInvitations({}, call);
    return { invitations: invitations.map(toInvitationResponse) };
  }

  @Operation(revokeOrgInvitation)
  async revokeInvitation(call: SessionCall, { params }: InputOf<typeof revokeOrgInvitation>) {
    await this.clients.invitations.revokeInvitation({ invitationId: params.invitation_id }, call);
  }

  @Operation(updateMemberRole)
  async changeRole(call: SessionCall, { params, body }: InputOf<typeof updateMemberRole>) {
    const { member } = await this.clients.orgMembers.changeRole({ userId: params.user_id, role: body.role }, call);
    this.sessions.forget(`user:${params.user_id}`);
    return toMemberResponse(member);
  }

  @Operation(removeMember)
  async remove(call: SessionCall, { params }: InputOf<typeof removeMember>) {
    await this.clients.orgMembers.removeMember({ userId: params.user_id }, call);
    this.sessions.forget(`user:${params.user_id}`);
  }
}
