import { Injectable } from '@nestjs/common';
import { mailEvent, type OutboxEvent } from '@oneclaw/events';
import type { OutgoingCall } from '@oneclaw/rpc';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { commitEvents } from '../audit/commit-events.js';
import { Sealer } from '../sealing/sealer.js';
import type { Mail } from './mail-kinds.js';

/** A mail that is ready to be written: what is secret in it is sealed. */
export interface PreparedMail {
  readonly event: OutboxEvent;
}

/**
 * Mails go out with the change that they tell of: `prepare` before the transaction (sealing asks the HSM, and no transaction
 * should wait for that), `enqueue` in it. Whether a mail server answers concerns no request.
 */
@Injectable()
export class MailOutbox {
  constructor(private readonly sealer: Sealer) {}

  async prepare(mail: Mail, call: OutgoingCall): Promise<PreparedMail> {
    const { kind, orgId, to, params, secretParams } = mail;
    const id = uuidv7();
    if (!secretParams) return { event: mailEvent({ id, orgId, kind, to, params }) };
    const plaintext = Buffer.from(JSON.stringify(secretParams));
    try {
      const sealedParams = await this.sealer.seal({ purpose: 'mail-params', ownerId: id }, plaintext, call);
      return { event: mailEvent({ id, orgId, kind, to, params, sealedParams }) };
    } finally {
      plaintext.fill(0);
    }
  }

  /** With the transaction's manager: the mail is sent if, and only if, the transaction commits. */
  async enqueue(manager: EntityManager, ...mails: readonly PreparedMail[]): Promise<void> {
    await commitEvents(
      manager,
      mails.map(({ event }) => event),
    );
  }
}
