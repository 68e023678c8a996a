import { Injectable } from '@nestjs/common';
import type { Caller, EmailAddress, Role } from '@oneclaw/caller';
import { unauthenticated } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { v4 as uuidv4 } from 'uuid';
import { newMailToken } from '../mail/mail-token.js';
import { MailOutbox, type PreparedMail } from '../mail/mail-outbox.js';
import { Throttle } from '../throttle/throttle.service.js';
import type { Invitation, NewInvitation } from './invitation.entity.js';
import { InvitationsRepository } from './invitations.repository.js';

/** An invitation and the mail that carries its token. */
export interface PreparedInvitation {
  invitation: NewInvitation;
  mail: PreparedMail;
}

const LIFETIME_MS = 7 * 24 * 60 * 60_000;

/** Writes to people whom an org invites. */
@Injectable()
export class InvitationMails {
  constructor(
    private readonly database: DataSource,
    private readonly invitations: InvitationsRepository,
    private readonly throttle: Throttle,
    private readonly mails: MailOutbox,
  ) {}

  /** Before the transaction. Throws `rate_limited` for an org, or to an address, that has had too many. */
  async prepare(
    caller: Caller,
    { address, role }: { address: EmailAddress; role: Role },
    call: CallContext,
  ): Promise<PreparedInvitation> {
    const { orgId, id: invitedBy } = caller;
    await this.throttle.count('invitation', { account: orgId, ip: call.clientIp });
    await this.throttle.count('invitation_to', { account: address.canonical, ip: call.clientIp });
    const sender = await this.invitations.findSender(this.database, orgId, invitedBy);
    if (!sender) throw unauthenticated();
    const { token, tokenHash } = newMailToken();
    const expires_at = new Date(Date.now() + LIFETIME_MS).toISOString();
    const params = { org_name: sender.orgName, invited_by: sender.email, role, expires_at };
    const secretParams = { invite_token: token };
    const mail = await this.mails.prepare(
      { kind: 'org_invitation', orgId, to: address.given, params, secretParams },
      call,
    );
    const { given: email, canonical: emailCanonical } = address;
    const invitation = { id: uuidv4(), orgId, email, emailCanonical, role, tokenHash, invitedBy };
    return { invitation: { ...invitation, lifetimeMs: LIFETIME_MS }, mail };
  }

  /** In the transaction. */
  async write(manager: EntityManager, { invitation, mail }: PreparedInvitation): Promise<Invitation> {
    const stored = await this.invitations.replace(manager, invitation);
    await this.mails.enqueue(manager, mail);
    return stored;
  }
}
