import { Injectable } from '@nestjs/common';
import { type Caller, PLATFORM_ORG_ID } from '@oneclaw/caller';
import { conflict, notFound } from '@oneclaw/errors';
import { auditEvent, type AuditFields, identityEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import type { EntityManager } from 'typeorm';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import type { OrgMember } from '../orgs/org-member.entity.js';
import { OrgMembersRepository } from '../orgs/org-members.repository.js';
import { Invalidations } from '../sessions/invalidations.js';

/** Whom the trail of the account's org names, from where, and why. */
type Author = Pick<AuditFields, 'actorType' | 'actorId' | 'ipAddress' | 'requestId' | 'details'>;

interface Account {
  orgId: string;
  userId: string;
}

/**
 * Removes accounts. What auth-svc holds goes in one transaction, together with the identity events by which the other services
 * delete what they hold: once it has committed, a crash anywhere only delays the rest.
 */
@Injectable()
export class AccountRemoval {
  constructor(
    private readonly members: OrgMembersRepository,
    private readonly invalidations: Invalidations,
  ) {}

  /** Throws conflict for the last owner of an org that goes on. */
  async removeSelf(manager: EntityManager, caller: Caller, call: CallContext): Promise<void> {
    const account = { orgId: caller.orgId, userId: caller.id };
    const { self, others } = split(await this.members.lock(manager, caller.orgId), account);
    if (others.length === 0 && caller.orgId === PLATFORM_ORG_ID) throw platformNeedsOwner();
    if (others.length > 0 && isLastOwner(self, others)) {
      throw conflict(
        'You are the last owner of an organisation with other members. Make somebody else an owner first.',
      );
    }
    await this.remove(manager, account, others, { ...actorOf(caller), ...originOf(call) });
  }

  /** By those who run the installation; throws conflict for their own last owner. Another org that loses its last owner gets one. */
  async removeByPlatform(manager: EntityManager, account: Account, call: CallContext): Promise<void> {
    const { self, others } = split(await this.members.lock(manager, account.orgId), account);
    const author = { actorType: 'system' as const, requestId: call.requestId, details: { cause: 'platform' } };
    if (isLastOwner(self, others)) {
      if (account.orgId === PLATFORM_ORG_ID) throw platformNeedsOwner();
      await this.promote(manager, account.orgId, others.find(({ role }) => role === 'admin') ?? others[0], author);
    }
    await this.remove(manager, account, others, author);
  }

  private async remove(
    manager: EntityManager,
    { orgId, userId }: Account,
    others: readonly OrgMember[],
    author: Author,
  ): Promise<void> {
    await this.members.deleteUser(manager, orgId, userId);
    await this.invalidations.add(manager, [`user:${userId}`]);
    await commitEvents(manager, [
      identityEvent({ orgId, kind: 'user.deleted', subjectId: userId }),
      auditEvent({ orgId, ...author, action: 'user.delete', resourceType: 'user', resourceId: userId }),
    ]);
    if (others.length > 0) return;
    await this.members.deleteOrg(manager, orgId);
    await this.invalidations.add(manager, [`org:${orgId}`]);
    await commitEvents(manager, [
      identityEvent({ orgId, kind: 'org.deleted', subjectId: orgId }),
      auditEvent({ orgId, ...author, action: 'org.delete', resourceType: 'org', resourceId: orgId }),
    ]);
  }

  private async promote(
    manager: EntityManager,
    orgId: string,
    heir: OrgMember | undefined,
    author: Author,
  ): Promise<void> {
    if (!heir) return;
    await this.members.setRole(manager, orgId, heir.userId, 'owner');
    await this.invalidations.add(manager, [`user:${heir.userId}`]);
    const change = { action: 'org.role' as const, resourceType: 'user', resourceId: heir.userId };
    const details = { ...author.details, from: heir.role, to: 'owner' };
    await commitEvents(manager, [auditEvent({ orgId, ...author, ...change, details })]);
  }
}

function split(members: readonly OrgMember[], { userId }: Account): { self: OrgMember; others: OrgMember[] } {
  const self = members.find((member) => member.userId === userId);
  if (!self) throw notFound('Account');
  return { self, others: members.filter((member) => member !== self) };
}

function isLastOwner(self: OrgMember, others: readonly OrgMember[]): boolean {
  return self.role === 'owner' && !others.some(({ role }) => role === 'owner');
}

function platformNeedsOwner() {
  return conflict('The organisation that runs this installation cannot be without an owner.');
}
