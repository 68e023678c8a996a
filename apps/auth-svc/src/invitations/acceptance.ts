import { Injectable } from '@nestjs/common';
import { auditEvent, identityEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import type { EntityManager } from 'typeorm';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { OrgMembersRepository } from '../orgs/org-members.repository.js';
import type { Offer } from './invitation.entity.js';
import { InvitationsRepository } from './invitations.repository.js';

/** The one way into an org of others. */
@Injectable()
export class Acceptance {
  constructor(
    private readonly invitations: InvitationsRepository,
    private readonly members: OrgMembersRepository,
    private readonly accounts: AccountsRepository,
  ) {}

  /** Of a user who is in no org. False where the invitation is not there any more: revoked, expired, taken up, or the org is gone. */
  async accept(manager: EntityManager, offer: Offer, userId: string, call: CallContext): Promise<boolean> {
    const { orgId, role, invitedBy } = offer;
    // The org first, as all who change its members do.
    await this.members.lockOrgs(manager, [orgId]);
    if (!(await this.invitations.consume(manager, offer))) return false;
    await this.accounts.insertMembership(manager, orgId, userId, role);
    const actor = { orgId, actorType: 'user' as const, actorId: userId };
    const joining = { action: 'org.join' as const, resourceType: 'user', resourceId: userId };
    await commitEvents(manager, [
      identityEvent({ orgId, kind: 'user.joined', subjectId: userId }),
      auditEvent({ ...actor, ...originOf(call), ...joining, details: { role, invited_by: invitedBy } }),
    ]);
    return true;
  }
}
