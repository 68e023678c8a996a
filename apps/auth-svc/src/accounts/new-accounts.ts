import { Injectable } from '@nestjs/common';
import { identityEvent } from '@oneclaw/events';
import type { EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { AccountsRepository } from './accounts.repository.js';
import type { User } from './user.entity.js';

/** Writes what makes an account: the user, and an org that the user owns. */
@Injectable()
export class NewAccounts {
  constructor(private readonly accounts: AccountsRepository) {}

  /** Violates users_email_canonical_key where the address is in use: of parallel sign-ups with one address, one gets through. */
  async write(manager: EntityManager, user: User, orgId: string): Promise<void> {
    await this.accounts.insertUser(manager, user);
    await this.accounts.insertOrg(manager, orgId, user.displayName ?? user.email);
    await this.accounts.insertMembership(manager, orgId, user.id, 'owner');
    await commitEvents(manager, [
      identityEvent({ orgId, kind: 'org.created', subjectId: orgId }),
      identityEvent({ orgId, kind: 'user.created', subjectId: user.id }),
    ]);
  }
}
