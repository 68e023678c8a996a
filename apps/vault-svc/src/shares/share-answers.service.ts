import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { permissionDenied } from '@oneclaw/errors';
import { auditEvent, type AuditFields } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { Refused, RefusalTrail } from '../audit/refusal-trail.js';
import type { Share } from './share.entity.js';
import { shareAttempt, unknownShareAttempt, type ShareAction } from './share-events.js';
import { EXPIRED, NOT_VERIFIED, noShare } from './share-refusals.js';
import { standingOf } from './share-standing.js';
import { SharesRepository } from './shares.repository.js';

const NOT_YOURS = new Refused(permissionDenied('Only whoever made a share may revoke it.'), 'not_sharer');

/** What recipients say to a share, and how whoever made it takes it back. The trail is that of the share's org. */
@Injectable()
export class ShareAnswersService {
  constructor(
    private readonly database: DataSource,
    private readonly shares: SharesRepository,
    private readonly trail: RefusalTrail,
  ) {}

  async accept(caller: Caller, shareId: string, call: CallContext): Promise<void> {
    await this.act('share.accept', caller, shareId, call, async (share, event) => {
      refuseStranger(caller, share);
      if (share.revoked || share.declined) throw noShare('over');
      if (share.expiresAt.getTime() <= Date.now()) throw EXPIRED;
      if (share.acceptedBy === caller.id) return;
      await this.change(event, (manager) => this.shares.accept(manager, share.orgId, share.id, caller.id));
    });
  }

  /** For good. */
  async decline(caller: Caller, shareId: string, call: CallContext): Promise<void> {
    await this.act('share.decline', caller, shareId, call, async (share, event) => {
      refuseStranger(caller, share);
      if (share.revoked) throw noShare('revoked');
      if (share.declined) return;
      await this.change(event, (manager) => this.shares.decline(manager, share.orgId, share.id));
    });
  }

  async revoke(caller: Caller, shareId: string, call: CallContext): Promise<void> {
    await this.act('share.revoke', caller, shareId, call, async (share, event) => {
      if (share.orgId !== caller.orgId || share.revoked || share.declined) throw noShare();
      if (share.sharer.type !== caller.type || share.sharer.id !== caller.id) throw NOT_YOURS;
      await this.change(event, (manager) => this.shares.revoke(manager, share.orgId, share.id));
    });
  }

  private async act(
    action: ShareAction,
    caller: Caller,
    shareId: string,
    call: CallContext,
    work: (share: Share, event: AuditFields) => Promise<void>,
  ): Promise<void> {
    const share = await this.shares.find(this.database, shareId);
    const event = share ? shareAttempt(action, share, call) : unknownShareAttempt(action, shareId, caller, call);
    await this.trail.guard(event, async () => {
      if (!share) throw noShare();
      await work(share, event);
    });
  }

  /** False of `make`: meanwhile the share is over. */
  private async change(event: AuditFields, make: (manager: EntityManager) => Promise<boolean>): Promise<void> {
    await transaction(this.database, async (manager) => {
      if (!(await make(manager))) throw noShare('over');
      await commitEvents(manager, [auditEvent(event)]);
    });
  }
}

/** Who is not addressed learns of no share. */
function refuseStranger(caller: Caller, share: Share): void {
  if (share.recipient.type === 'anyone_with_link') throw noShare('not_recipient');
  const standing = standingOf(caller, share);
  if (standing === 'other') throw noShare('not_recipient');
  if (standing === 'unverified') throw NOT_VERIFIED;
}
