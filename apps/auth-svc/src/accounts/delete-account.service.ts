import { Injectable } from '@nestjs/common';
import { type Caller, PLATFORM_ORG_ID } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { conflict, invalid, notFound } from '@oneclaw/errors';
import { auditEvent, identityEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { InteractiveOnly } from '../sessions/interactive-only.js';
import { Invalidations } from '../sessions/invalidations.js';
import type { OrgMember } from '../orgs/org-member.entity.js';
import { OrgMembersRepository } from '../orgs/org-members.repository.js';

const CONFIRMATION = 'DELETE MY ACCOUNT';

/**
 * Deletes accounts. What auth-svc holds goes in one transaction, together with the identity events by which the other services
 * delete what they hold: once it has committed, a crash anywhere only delays the rest.
 */
@Injectable()
export class DeleteAccountService {
  constructor(
    private readonly interactive: InteractiveOnly,
    private readonly database: DataSource,
    private readonly members: OrgMembersRepository,
    private readonly invalidations: Invalidations,
  ) {}

  async delete(caller: Caller, call: CallContext, confirmation: string): Promise<void> {
    const attempt = { action: 'user.delete', resourceType: 'user', resourceId: caller.id };
    await this.interactive.require(caller, call, attempt);
    if (confirmation !== CONFIRMATION) {
      throw invalid('The deletion is not confirmed.', { confirmation: `must be "${CONFIRMATION}"` });
    }
    await transaction(this.database, async (manager) => {
      const members = await this.members.lock(manager, caller.orgId);
      const others = othersOf(caller, members);
      await this.deleteUser(manager, caller, call);
      if (others.length === 0) await this.deleteOrg(manager, caller, call);
    });
  }

  private async deleteUser(manager: EntityManager, caller: Caller, call: CallContext): Promise<void> {
    const { orgId, id } = caller;
    await this.members.deleteUser(manager, orgId, id);
    await commitEvents(manager, [
      identityEvent({ orgId, kind: 'user.deleted', subjectId: id }),
      deletion('user', id, caller, call),
    ]);
    await this.invalidations.add(manager, [`user:${id}`]);
  }

  private async deleteOrg(manager: EntityManager, caller: Caller, call: CallContext): Promise<void> {
    const { orgId } = caller;
    await this.members.deleteOrg(manager, orgId);
    await commitEvents(manager, [
      identityEvent({ orgId, kind: 'org.deleted', subjectId: orgId }),
      deletion('org', orgId, caller, call),
    ]);
    await this.invalidations.add(manager, [`org:${orgId}`]);
  }
}

/** Throws where the caller is not a member (any more), or the last owner of an org that goes on. */
function othersOf(caller: Caller, members: readonly OrgMember[]): OrgMember[] {
  const self = members.find(({ userId }) => userId === caller.id);
  if (!self) throw notFound('Account');
  const others = members.filter((member) => member !== self);
  if (others.length === 0 && caller.orgId === PLATFORM_ORG_ID) {
    throw conflict('The organisation that runs this installation cannot be without an owner.');
  }
  const ownsAlone = self.role === 'owner' && !others.some(({ role }) => role === 'owner');
  if (ownsAlone && others.length > 0) {
    throw conflict('You are the last owner of an organisation with other members. Make somebody else an owner first.');
  }
  return others;
}

function deletion(what: 'user' | 'org', id: string, caller: Caller, call: CallContext) {
  return auditEvent({
    ...actorOf(caller),
    ...originOf(call),
    action: `${what}.delete`,
    resourceType: what,
    resourceId: id,
  });
}
