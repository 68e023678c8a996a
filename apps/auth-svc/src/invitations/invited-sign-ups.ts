import { Injectable } from '@nestjs/common';
import type { EmailAddress } from '@oneclaw/caller';
import { type DomainError, invalid } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { NewAccounts } from '../accounts/new-accounts.js';
import type { User } from '../accounts/user.entity.js';
import { hashOf } from '../mail/mail-token.js';
import type { UserFacts } from '../sessions/session-issuer.js';
import { VerifiedAddresses } from '../verification/verified-addresses.js';
import type { Offer } from './invitation.entity.js';
import { InvitationsRepository } from './invitations.repository.js';

/** People who sign up by invitation. */
@Injectable()
export class InvitedSignUps {
  constructor(
    private readonly database: DataSource,
    private readonly invitations: InvitationsRepository,
    private readonly newAccounts: NewAccounts,
    private readonly addresses: VerifiedAddresses,
  ) {}

  /** Throws invalid_argument for a token that is no invitation of this address, or not any more. */
  async require(token: string, { canonical }: EmailAddress): Promise<Offer> {
    const offer = await this.invitations.findByToken(this.database, hashOf(token), canonical);
    if (!offer) throw refused();
    return offer;
  }

  /** Who it is then, and what has to be written with the first session. */
  opening(user: User, offer: Offer, call: CallContext) {
    const { orgId, role } = offer;
    const facts: UserFacts = { id: user.id, orgId, role, email: user.email, credentialEpoch: 0 };
    const work = async (manager: EntityManager): Promise<void> => {
      if (!(await this.newAccounts.writeInvited(manager, user, offer, call))) throw refused();
      await this.addresses.confirm(manager, facts);
    };
    return { facts, work };
  }
}

function refused(): DomainError {
  return invalid('The sign-up is not valid.', { invite_token: 'is not a valid invitation for this address' });
}
