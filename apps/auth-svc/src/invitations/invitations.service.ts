import { Injectable } from '@nestjs/common';
import { type Caller, isManager } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { notFound, permissionDenied } from '@oneclaw/errors';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { RefusalsService } from '../audit/refusals.service.js';
import type { Invitation } from './invitation.entity.js';
import { InvitationsRepository } from './invitations.repository.js';

/** Invitations that wait. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly database: DataSource,
    private readonly invitations: InvitationsRepository,
    private readonly refusals: RefusalsService,
  ) {}

  async list(caller: Caller, call: CallContext): Promise<Invitation[]> {
    const attempt = { action: 'org.list' as const, resourceType: 'org', resourceId: caller.orgId };
    await this.refusals.guard(caller, call, attempt, async () => checkManager(caller));
    return this.invitations.list(this.database, caller.orgId);
  }

  /** Its token, and a login of its address, lead nowhere from the commit on. */
  async revoke(caller: Caller, call: CallContext, id: string): Promise<void> {
    const attempt = { action: 'org.revoke_invite' as const, resourceType: 'invitation', resourceId: id };
    await this.refusals.guard(caller, call, attempt, async () => checkManager(caller));
    if (!isUuid(id)) throw notFound('Invitation');
    await transaction(this.database, async (manager) => {
      const revoked = await this.invitations.delete(manager, caller.orgId, id);
      if (!revoked) throw notFound('Invitation');
      const { email, role } = revoked;
      await commitEvents(manager, [
        auditEvent({ ...attempt, ...actorOf(caller), ...originOf(call), details: { email, role } }),
      ]);
    });
  }
}

function checkManager(caller: Caller): void {
  if (!isManager(caller)) throw permissionDenied('Only owners and admins manage invitations.');
}
