import { Injectable } from '@nestjs/common';
import { auditEvent, identityEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import type { EntityManager } from 'typeorm';
import { ApiKeysRepository } from '../api-keys/api-keys.repository.js';
import { originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { Acceptance } from '../invitations/acceptance.js';
import type { Offer } from '../invitations/invitation.entity.js';
import { OrgMembersRepository } from '../orgs/org-members.repository.js';
import { Invalidations } from '../sessions/invalidations.js';
import { OrgMovesRepository } from './org-moves.repository.js';
import { OrgUse } from './org-use.js';

export interface Move {
  /** Of the hold that vault-svc has on the org that is left. */
  id: string;
  userId: string;
  from: string;
  offer: Offer;
}

/** Something has changed since the move was decided: decide again. */
export class Overtaken extends Error {}

/** Takes somebody from an org that is empty, and ends with them, into the one that invites. */
@Injectable()
export class OrgMove {
  constructor(
    private readonly moves: OrgMovesRepository,
    private readonly use: OrgUse,
    private readonly members: OrgMembersRepository,
    private readonly acceptance: Acceptance,
    private readonly apiKeys: ApiKeysRepository,
    private readonly invalidations: Invalidations,
  ) {}

  /**
   * In one transaction; throws Overtaken. Whatever would make the org one that is used waits for our lock on it, or is kept away by
   * vault-svc's hold, which nobody has released as long as the move is not given up.
   */
  async make(manager: EntityManager, { id, userId, from, offer }: Move, call: CallContext): Promise<void> {
    await this.members.lockOrgs(manager, [from, offer.orgId]);
    const isBare = await this.use.isBare(manager, from, userId);
    if (!isBare || !(await this.moves.finish(manager, id))) throw new Overtaken();
    if (!(await this.members.delete(manager, from, userId))) throw new Overtaken();
    if (!(await this.acceptance.accept(manager, offer, userId, call))) throw new Overtaken();
    // Keys open the org that they were made in.
    await this.apiKeys.removeAll(manager, from, userId);
    await this.end(manager, from, userId, call);
    await this.invalidations.add(manager, [`user:${userId}`, `org:${from}`]);
  }

  private async end(manager: EntityManager, orgId: string, userId: string, call: CallContext): Promise<void> {
    await this.members.deleteOrg(manager, orgId);
    const actor = { orgId, actorType: 'user' as const, actorId: userId };
    const ending = {
      action: 'org.delete' as const,
      resourceType: 'org',
      resourceId: orgId,
      details: { cause: 'org.join' },
    };
    await commitEvents(manager, [
      identityEvent({ orgId, kind: 'org.deleted', subjectId: orgId }),
      auditEvent({ ...actor, ...originOf(call), ...ending }),
    ]);
  }
}
