import { Injectable } from '@nestjs/common';
import { parseEmail } from '@oneclaw/caller';
import { conflict, invalid } from '@oneclaw/errors';
import { auditEvent, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { isDisplayName } from '../accounts/display-name.js';
import { NewAccounts } from '../accounts/new-accounts.js';
import { originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import type { FirstFactorFacts } from '../mfa/second-step.js';
import { VerifiedAddresses } from '../verification/verified-addresses.js';
import { type GoogleAccount, GoogleAccountsRepository } from './google-accounts.repository.js';
import type { GoogleIdentity } from './google-tokens.js';
import { Takeover } from './takeover.js';

/** Who logs in, and what has to be written with the session. */
export interface Entry {
  user: FirstFactorFacts;
  work: (manager: EntityManager) => Promise<void>;
}

/** The account is not any more as it was when it was looked at: look again. */
export class AccountChanged extends Error {}

/** Where a Google login leads: to the account of its subject, or the first time to a new one, or to that of its address. */
@Injectable()
export class GoogleEntry {
  constructor(
    private readonly accounts: GoogleAccountsRepository,
    private readonly newAccounts: NewAccounts,
    private readonly addresses: VerifiedAddresses,
    private readonly takeover: Takeover,
  ) {}

  /** @param account of the subject, or else of the same address */
  async of(identity: GoogleIdentity, account: GoogleAccount | undefined, call: CallContext): Promise<Entry> {
    if (!account) return this.opening(identity, call);
    if (account.googleSub === identity.sub) return { user: account, work: async () => undefined };
    if (account.googleSub !== null) throw conflict('This address belongs to an account of another Google identity.');
    return account.emailVerified ? this.linking(identity, account, call) : this.takingOver(identity, account, call);
  }

  /** In the org that invites the address, if one does. */
  private async opening({ sub, email, name }: GoogleIdentity, call: CallContext): Promise<Entry> {
    const address = parseEmail(email);
    if (!address)
      throw invalid('The address in the Google ID token is not usable.', { id_token: 'has no usable email' });
    const { given, canonical } = address;
    const offer = await this.newAccounts.findOffer(canonical);
    const { orgId, role } = offer ?? { orgId: uuidv7(), role: 'owner' as const };
    const user = { id: uuidv7(), orgId, role, email: given, credentialEpoch: 0, mfaEnabled: false };
    const fields = { id: user.id, email: given, emailCanonical: canonical, displayName: displayNameOf(name) };
    const account = { ...fields, passwordHash: null, authMethod: 'google' as const };
    const work = async (manager: EntityManager): Promise<void> => {
      if (!offer) await this.newAccounts.write(manager, account, orgId);
      else if (!(await this.newAccounts.writeInvited(manager, account, offer, call))) throw new AccountChanged();
      await this.addresses.confirm(manager, user);
      if (!(await this.accounts.link(manager, orgId, user.id, sub))) throw new AccountChanged();
    };
    return { user, work };
  }

  private linking({ sub }: GoogleIdentity, account: GoogleAccount, call: CallContext): Entry {
    const work = async (manager: EntityManager): Promise<void> => {
      if (!(await this.accounts.link(manager, account.orgId, account.id, sub))) throw new AccountChanged();
      await commitEvents(manager, [linked(account, call, false)]);
    };
    return { user: account, work };
  }

  private takingOver({ sub, name }: GoogleIdentity, account: GoogleAccount, call: CallContext): Entry {
    const work = async (manager: EntityManager): Promise<void> => {
      await this.takeover.clean(manager, account);
      if (!(await this.accounts.takeOver(manager, account, sub, displayNameOf(name)))) throw new AccountChanged();
      await this.addresses.confirm(manager, account);
      await commitEvents(manager, [linked(account, call, true)]);
    };
    // The second factor goes with the rest: the owner has none yet.
    return { user: { ...account, credentialEpoch: account.credentialEpoch + 1, mfaEnabled: false }, work };
  }
}

function displayNameOf(name: string): string | null {
  const trimmed = name.trim();
  return trimmed !== '' && isDisplayName(trimmed) ? trimmed : null;
}

function linked({ id, orgId }: GoogleAccount, call: CallContext, takenOver: boolean): OutboxEvent {
  const actor = { orgId, actorType: 'user' as const, actorId: id };
  const details = { provider: 'google', taken_over: takenOver };
  return auditEvent({
    ...actor,
    ...originOf(call),
    action: 'auth.link',
    resourceType: 'user',
    resourceId: id,
    details,
  });
}
