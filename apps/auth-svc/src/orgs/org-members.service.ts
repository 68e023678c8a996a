import { Injectable } from '@nestjs/common';
import { type Caller, isManager, type Role } from '@oneclaw/caller';
import { cursorOf, transaction } from '@oneclaw/database';
import { invalid, notFound, permissionDenied } from '@oneclaw/errors';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { RefusalsService } from '../audit/refusals.service.js';
import { InvitationsRepository } from '../invitations/invitations.repository.js';
import { Invalidations } from '../sessions/invalidations.js';
import { checkRoleChange } from './member-rules.js';
import type { MemberProfile } from './org-member.entity.js';
import { OrgMembersRepository } from './org-members.repository.js';

export interface MemberPage {
  members: MemberProfile[];
  nextCursor: string;
}

const MAX_LIMIT = 1000;
const CURSOR = cursorOf({ id: 'uuid' });

/** Who belongs to an org, and as what. */
@Injectable()
export class OrgMembersService {
  constructor(
    private readonly database: DataSource,
    private readonly members: OrgMembersRepository,
    private readonly invitations: InvitationsRepository,
    private readonly refusals: RefusalsService,
    private readonly invalidations: Invalidations,
  ) {}

  /** `limit` 0 = all. */
  async list(caller: Caller, call: CallContext, limit: number, cursor: string): Promise<MemberPage> {
    if (limit > MAX_LIMIT) throw invalid('The limit is not valid.', { limit: `must be between 1 and ${MAX_LIMIT}` });
    const after = CURSOR.decode(cursor)?.id;
    const attempt = { action: 'org.list' as const, resourceType: 'org', resourceId: caller.orgId };
    return this.refusals.guard(caller, call, attempt, async () => {
      if (!isManager(caller)) throw permissionDenied('Only owners and admins see the members of an organisation.');
      const found = await this.members.list(this.database, caller.orgId, after, limit === 0 ? undefined : limit + 1);
      if (limit === 0 || found.length <= limit) return { members: found, nextCursor: '' };
      const members = found.slice(0, limit);
      return { members, nextCursor: CURSOR.encode({ id: (members[limit - 1] as MemberProfile).id }) };
    });
  }

  async changeRole(caller: Caller, call: CallContext, userId: string, role: Role): Promise<MemberProfile> {
    const attempt = { action: 'org.role' as const, resourceType: 'user', resourceId: userId };
    const change = () =>
      transaction(this.database, async (manager) => {
        const before = checkRoleChange(await this.members.lock(manager, caller.orgId), caller, userId, role);
        if (before.role !== role) {
          await this.members.setRole(manager, caller.orgId, userId, role);
          await this.invitations.deleteBeyond(manager, caller.orgId, userId, role);
          const details = { from: before.role, to: role };
          await commitEvents(manager, [auditEvent({ ...attempt, ...actorOf(caller), ...originOf(call), details })]);
          await this.invalidations.add(manager, [`user:${userId}`]);
        }
        return this.members.find(manager, caller.orgId, userId);
      });
    const member = await this.refusals.guard(caller, call, attempt, change);
    if (!member) throw notFound('Member');
    return member;
  }
}
