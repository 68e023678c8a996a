import { requireCaller } from '@oneclaw/caller';
import {
  type InviteRequest,
  type ListInvitationsRequest,
  OrgInvitationServiceDefinition,
  type RevokeInvitationRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { InvitationsService } from './invitations.service.js';
import { InviteService } from './invite.service.js';

@RpcController(OrgInvitationServiceDefinition)
export class InvitationsGrpc implements RpcHandlers<typeof OrgInvitationServiceDefinition> {
  constructor(
    private readonly inviting: InviteService,
    private readonly invitations: InvitationsService,
  ) {}

  async invite(request: InviteRequest, call: CallContext) {
    return { invitation: await this.inviting.invite(requireCaller(call.caller, 'user'), call, request) };
  }

  async listInvitations(_request: ListInvitationsRequest, call: CallContext) {
    return { invitations: await this.invitations.list(requireCaller(call.caller, 'user'), call) };
  }

  async revokeInvitation({ invitationId }: RevokeInvitationRequest, call: CallContext) {
    await this.invitations.revoke(requireCaller(call.caller, 'user'), call, invitationId);
    return {};
  }
}
