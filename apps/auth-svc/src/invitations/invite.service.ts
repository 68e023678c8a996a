import { Injectable } from '@nestjs/common';
import { type Caller, isManager, parseEmail, type Role } from '@oneclaw/caller';
import type { InviteRequest } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import { invalid, permissionDenied } from '@oneclaw/errors';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { RefusalsService } from '../audit/refusals.service.js';
import { checkGrant, requireManager } from '../orgs/member-rules.js';
import { OrgMembersRepository } from '../orgs/org-members.repository.js';
import { parseRole } from '../orgs/role.js';
import type { Invitation } from './invitation.entity.js';
import { InvitationMails, type PreparedInvitation } from './invitation-mails.js';
import { InvitedAddresses } from './invited-addresses.js';

/** Asks people to join an org. */
@Injectable()
export class InviteService {
  constructor(
    private readonly database: DataSource,
    private readonly members: OrgMembersRepository,
    private readonly addresses: InvitedAddresses,
    private readonly mails: InvitationMails,
    private readonly refusals: RefusalsService,
  ) {}

  async invite(caller: Caller, call: CallContext, request: InviteRequest): Promise<Invitation> {
    const address = parseEmail(request.email);
    const role = parseRole(request.role);
    if (!address) throw invalid('The invitation is not valid.', { email: 'must be an email address' });
    const attempt = { action: 'org.invite' as const, resourceType: 'org', resourceId: caller.orgId };
    return this.refusals.guard(caller, call, attempt, async () => {
      checkRights(caller, role);
      await this.addresses.check(this.database, caller.orgId, address.canonical, call);
      return this.send(caller, call, await this.mails.prepare(caller, { address, role }, call));
    });
  }

  private async send(caller: Caller, call: CallContext, prepared: PreparedInvitation): Promise<Invitation> {
    const { orgId } = caller;
    return transaction(this.database, async (manager) => {
      const self = requireManager(await this.members.lock(manager, orgId), caller);
      checkGrant(self, prepared.invitation.role);
      await this.addresses.checkNoMember(manager, orgId, prepared.invitation.emailCanonical);
      const invitation = await this.mails.write(manager, prepared);
      const { id, email, role } = invitation;
      const sending = {
        action: 'org.invite' as const,
        resourceType: 'invitation',
        resourceId: id,
        details: { email, role },
      };
      await commitEvents(manager, [auditEvent({ ...actorOf(caller), ...originOf(call), ...sending })]);
      return invitation;
    });
  }
}

/** By what the caller was a moment ago; what the caller is when the invitation is written decides. */
function checkRights(caller: Caller, role: Role): void {
  if (!isManager(caller)) throw permissionDenied('Only owners and admins invite people.');
  checkGrant({ userId: caller.id, role: caller.role as Role }, role);
}
