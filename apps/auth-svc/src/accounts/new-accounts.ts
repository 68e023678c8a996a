import { Injectable } from '@nestjs/common';
import { identityEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { Acceptance } from '../invitations/acceptance.js';
import type { Offer } from '../invitations/invitation.entity.js';
import { InvitationsRepository } from '../invitations/invitations.repository.js';
import { AccountsRepository } from './accounts.repository.js';
import type { User } from './user.entity.js';

/** Writes what makes an account: the user, and the org that the user is in. */
@Injectable()
export class NewAccounts {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
    private readonly invitations: InvitationsRepository,
    private readonly acceptance: Acceptance,
  ) {}

  /** The newest invitation of an address; whose it is must be proven. */
  async findOffer(emailCanonical: string): Promise<Offer | undefined> {
    return this.invitations.findByAddress(this.database, emailCanonical);
  }

  /** With an org of their own. Violates users_email_canonical_key where the address is in use: of parallel sign-ups with one address, one gets through. */
  async write(manager: EntityManager, user: User, orgId: string): Promise<void> {
    await this.accounts.insertUser(manager, user);
    await this.giveOrg(manager, user.id, orgId);
    await commitEvents(manager, [identityEvent({ orgId, kind: 'user.created', subjectId: user.id })]);
  }

  /** As `write`, in the org that invites. False where the invitation is not there any more; then the transaction must fail. */
  async writeInvited(manager: EntityManager, user: User, offer: Offer, call: CallContext): Promise<boolean> {
    await this.accounts.insertUser(manager, user);
    await commitEvents(manager, [identityEvent({ orgId: offer.orgId, kind: 'user.created', subjectId: user.id })]);
    return this.acceptance.accept(manager, offer, user.id, call);
  }

  /** An empty org for a user who is in none. */
  async giveOrg(manager: EntityManager, userId: string, orgId: string): Promise<void> {
    await this.accounts.insertOrgOf(manager, orgId, userId);
    await this.accounts.insertMembership(manager, orgId, userId, 'owner');
    await commitEvents(manager, [identityEvent({ orgId, kind: 'org.created', subjectId: orgId })]);
  }
}
