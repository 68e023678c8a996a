import { Inject, Injectable } from '@nestjs/common';
import type { OutgoingCall } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { CONFIG, type AuthConfig } from '../config.js';
import { MailOutbox, type PreparedMail } from '../mail/mail-outbox.js';
import { newMailToken } from '../mail/mail-token.js';
import { VerificationsRepository } from './verifications.repository.js';

export interface Addressee {
  id: string;
  orgId: string;
  email: string;
}

/** A token and the mail that carries it. */
export interface PreparedVerification {
  userId: string;
  tokenHash: Buffer;
  mail: PreparedMail;
}

const LIFETIME_MS = 24 * 60 * 60_000;

/** Sends people the link that proves their address. */
@Injectable()
export class VerificationMails {
  private readonly page: string;

  constructor(
    private readonly database: DataSource,
    private readonly verifications: VerificationsRepository,
    private readonly mails: MailOutbox,
    @Inject(CONFIG) config: AuthConfig,
  ) {
    this.page = new URL('/verify-email', config.PUBLIC_URL).href;
  }

  /** Before the transaction. The token stands in the link's fragment, which no browser sends to a server. */
  async prepare({ id: userId, orgId, email }: Addressee, call: OutgoingCall): Promise<PreparedVerification> {
    const { token, tokenHash } = newMailToken();
    const secretParams = { verification_url: `${this.page}#token=${token}` };
    const mail = await this.mails.prepare({ kind: 'welcome', orgId, to: email, params: {}, secretParams }, call);
    return { userId, tokenHash, mail };
  }

  /** In the transaction: the token and its mail. */
  async write(manager: EntityManager, { userId, tokenHash, mail }: PreparedVerification): Promise<void> {
    await this.verifications.insert(manager, userId, tokenHash, LIFETIME_MS);
    await this.mails.enqueue(manager, mail);
  }

  /** A new one where the last one has expired unused; `undefined` where it has not. */
  async renewal(addressee: Addressee, call: OutgoingCall): Promise<PreparedVerification | undefined> {
    if (await this.verifications.hasOne(this.database, addressee.id)) return undefined;
    return this.prepare(addressee, call);
  }
}
