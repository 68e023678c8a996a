import { Injectable } from '@nestjs/common';
import { identityEvent } from '@oneclaw/events';
import type { EntityManager } from 'typeorm';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { commitEvents } from '../audit/commit-events.js';
import { Invalidations } from '../sessions/invalidations.js';
import { VerificationsRepository } from './verifications.repository.js';

/**
 * What follows from an address that is known to be its owner's, however it was proven. Whatever was addressed to it before is
 * claimed from here, in the same transaction (invitations), or belongs to whoever calls with that address from now on (shares):
 * what gateways have cached about the owner's sessions is void.
 */
@Injectable()
export class VerifiedAddresses {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly verifications: VerificationsRepository,
    private readonly invalidations: Invalidations,
  ) {}

  /** Repeatable: only the first time has consequences. */
  async confirm(manager: EntityManager, { id, orgId }: { id: string; orgId: string }): Promise<void> {
    await this.verifications.deleteOf(manager, id);
    if (!(await this.accounts.markVerified(manager, orgId, id))) return;
    await commitEvents(manager, [identityEvent({ orgId, kind: 'user.email_verified', subjectId: id })]);
    await this.invalidations.add(manager, [`user:${id}`]);
  }
}
