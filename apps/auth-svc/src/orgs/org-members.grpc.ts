import { requireCaller, type Role } from '@oneclaw/caller';
import {
  type ChangeRoleRequest,
  type ListMembersRequest,
  OrgMemberServiceDefinition,
  type RemoveMemberRequest,
} from '@oneclaw/contracts/auth';
import { notFound } from '@oneclaw/errors';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { validate as isUuid } from 'uuid';
import type { MemberProfile } from './org-member.entity.js';
import { OrgMembersService } from './org-members.service.js';
import { RemoveMemberService } from './remove-member.service.js';
import { parseRole } from './role.js';

@RpcController(OrgMemberServiceDefinition)
export class OrgMembersGrpc implements RpcHandlers<typeof OrgMemberServiceDefinition> {
  constructor(
    private readonly members: OrgMembersService,
    private readonly removal: RemoveMemberService,
  ) {}

  async listMembers({ page }: ListMembersRequest, call: CallContext) {
    const caller = requireCaller(call.caller, 'user');
    const { members, nextCursor } = await this.members.list(caller, call, page?.limit ?? 0, page?.cursor ?? '');
    return { members: members.map(toProto), nextCursor };
  }

  async changeRole({ userId, role }: ChangeRoleRequest, call: CallContext) {
    const caller = requireCaller(call.caller, 'user');
    const newRole: Role = parseRole(role);
    return { member: toProto(await this.members.changeRole(caller, call, checkUserId(userId), newRole)) };
  }

  async removeMember({ userId }: RemoveMemberRequest, call: CallContext) {
    await this.removal.remove(requireCaller(call.caller, 'user'), call, checkUserId(userId));
    return {};
  }
}

function checkUserId(userId: string): string {
  if (!isUuid(userId)) throw notFound('Member');
  return userId.toLowerCase();
}

function toProto({ displayName, ...member }: MemberProfile) {
  return { ...member, displayName: displayName ?? undefined };
}
