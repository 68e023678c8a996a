import { Injectable } from '@nestjs/common';
import { isManager, type Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { permissionDenied } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { ChainService } from './chain.service.js';
import type { IncomingEvent } from './chained-event.js';

export type ChainAction = 'audit.verify' | 'audit.export';
type Origin = Pick<CallContext, 'clientIp' | 'requestId'>;

/** Who may look at an org's whole chain, and what of that is in the chain itself: this service has no outbox and needs none. */
@Injectable()
export class ChainAccess {
  constructor(
    private readonly dataSource: DataSource,
    private readonly chains: ChainService,
  ) {}

  /** Throws `permission_denied` for all but owner and admin, once the refusal is in the trail. */
  async require(caller: Caller, action: ChainAction, origin: Origin): Promise<void> {
    if (isManager(caller)) return;
    const reason = 'Only an owner or admin of the org may do this.';
    await this.record(caller, action, { outcome: 'denied', reason }, origin);
    throw permissionDenied(reason);
  }

  async record(caller: Caller, action: ChainAction, details: object, { clientIp, requestId }: Origin): Promise<void> {
    const event: IncomingEvent = {
      id: uuidv7(),
      orgId: caller.orgId,
      actorType: caller.type,
      actorId: caller.id,
      action,
      resourceType: 'audit',
      resourceId: '',
      details: JSON.stringify(details),
      vaultId: null,
      path: null,
      ipAddress: clientIp,
      requestId,
      createdAtMicros: Date.now() * 1000,
    };
    await transaction(this.dataSource, (manager) => this.chains.append(manager, [event]));
  }
}
