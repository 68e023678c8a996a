import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { RefusalsService } from '../audit/refusals.service.js';
import { Invalidations } from '../sessions/invalidations.js';
import { Departure } from './departure.js';
import { checkRemoval } from './member-rules.js';
import { OrgMembersRepository } from './org-members.repository.js';

/** Removes members from orgs. */
@Injectable()
export class RemoveMemberService {
  constructor(
    private readonly database: DataSource,
    private readonly members: OrgMembersRepository,
    private readonly departure: Departure,
    private readonly refusals: RefusalsService,
    private readonly invalidations: Invalidations,
  ) {}

  async remove(caller: Caller, call: CallContext, userId: string): Promise<void> {
    const attempt = { action: 'org.remove' as const, resourceType: 'user', resourceId: userId };
    const removal = () =>
      transaction(this.database, async (manager) => {
        const { role } = checkRemoval(await this.members.lock(manager, caller.orgId), caller, userId);
        await this.departure.leave(manager, caller.orgId, userId);
        await commitEvents(manager, [
          auditEvent({ ...attempt, ...actorOf(caller), ...originOf(call), details: { role } }),
        ]);
        await this.invalidations.add(manager, [`user:${userId}`]);
      });
    await this.refusals.guard(caller, call, attempt, removal);
  }
}
