import type { Caller, Role } from '@oneclaw/caller';
import { conflict, notFound, permissionDenied, unauthenticated } from '@oneclaw/errors';
import type { OrgMember } from './org-member.entity.js';

/*
 * Who may make whom what, in an org whose members are locked. Only what is locked decides: a caller who was an owner a moment
 * ago may have been demoted since.
 */

/** The caller, as a member who manages others. Throws permission_denied; unauthenticated for one who left meanwhile. */
export function requireManager(members: readonly OrgMember[], caller: Pick<Caller, 'id'>): OrgMember {
  const self = members.find(({ userId }) => userId === caller.id);
  if (!self) throw unauthenticated();
  if (self.role === 'member') throw permissionDenied('Only owners and admins manage the members of an organisation.');
  return self;
}

/** Whether `self` may give somebody this role. */
export function checkGrant(self: OrgMember, role: Role): void {
  if (role === 'owner' && self.role !== 'owner') throw permissionDenied('Only an owner makes owners.');
}

/** The member whose role changes to `role`. Throws where that may not be. */
export function checkRoleChange(
  members: readonly OrgMember[],
  caller: Pick<Caller, 'id'>,
  userId: string,
  role: Role,
): OrgMember {
  const self = requireManager(members, caller);
  checkGrant(self, role);
  const target = require(members, self, userId);
  if (role !== 'owner') checkOwnerStays(members, target);
  return target;
}

/** The member who is removed. Throws where that may not be. */
export function checkRemoval(members: readonly OrgMember[], caller: Pick<Caller, 'id'>, userId: string): OrgMember {
  const target = require(members, requireManager(members, caller), userId);
  checkOwnerStays(members, target);
  return target;
}

function require(members: readonly OrgMember[], self: OrgMember, userId: string): OrgMember {
  const target = members.find((member) => member.userId === userId);
  if (!target) throw notFound('Member');
  if (target.role === 'owner' && self.role !== 'owner') {
    throw permissionDenied('Only an owner changes or removes an owner.');
  }
  return target;
}

function checkOwnerStays(members: readonly OrgMember[], target: OrgMember): void {
  if (target.role !== 'owner') return;
  if (!members.some((member) => member !== target && member.role === 'owner')) {
    throw conflict('This is the last owner of the organisation. Make somebody else an owner first.');
  }
}
